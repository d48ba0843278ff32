//! What an address means.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`.

/// An address of the resource API, not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `group/version`, or the version alone in the core group.
    pub(crate) api_version: String,
    /// The resource's plural; empty for the list of resources itself.
    pub(crate) plural: String,
    /// The namespace; empty if the address has none.
    pub(crate) namespace: String,
    /// The object's name; empty for collections.
    pub(crate) name: String,
    /// The part of the object; empty for all of it.
    pub(crate) part: String,
}

/// Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`; none for any other address.
pub(crate) fn parse(path: &str) -> Option<Address> {
    let words: Vec<String> = path
        .split('/')
        .filter(|word| !word.is_empty())
        .map(decode)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (api_version, rest) = match words.as_slice() {
        ["api", version, rest @ ..] => ((*version).to_owned(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        ["namespaces", name, plural, rest @ ..] if !matches!(*plural, "status" | "finalize") => {
            let mut all = vec![*plural];
            all.extend(rest);
            ((*name).to_owned(), all)
        }
        rest => (String::new(), rest.to_vec()),
    };
    let word = |at: usize| {
        rest.get(at)
            .map_or_else(String::new, |word| (*word).to_owned())
    };
    if rest.len() > 3 {
        return None;
    }
    Some(Address {
        api_version,
        plural: word(0),
        namespace,
        name: word(1),
        part: word(2),
    })
}

/// Undoes percent signs; a word that they make no text of stays as it is.
pub(crate) fn decode(word: &str) -> String {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| word.to_owned())
}

/// The parameters behind the question mark, in their order.
pub(crate) fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| decode(&text.replace('+', " "));
            (plain(name), plain(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_api_server_reads_them() {
        let table = [
            ("/api/v1/pods", Some("v1 pods - - -")),
            ("/api/v1/namespaces/a/pods/b", Some("v1 pods a b -")),
            ("/api/v1/namespaces/a/pods/b/log", Some("v1 pods a b log")),
            ("/api/v1/namespaces/a", Some("v1 namespaces - a -")),
            (
                "/api/v1/namespaces/a/status",
                Some("v1 namespaces - a status"),
            ),
            (
                "/api/v1/namespaces/a/finalize",
                Some("v1 namespaces - a finalize"),
            ),
            (
                "/apis/apps/v1/namespaces/a/statefulsets/w%65b/scale",
                Some("apps/v1 statefulsets a web scale"),
            ),
            ("/apis/apps/v1", Some("apps/v1 - - - -")),
            ("/apis/apps/v1/namespaces/a/statefulsets/b/c/d", None),
            ("/apis/apps", None),
            ("/healthz", None),
            ("/", None),
        ];
        for (path, want) in table {
            let got = parse(path).map(|a| {
                let words = [a.api_version, a.plural, a.namespace, a.name, a.part];
                words
                    .map(|word| {
                        if word.is_empty() {
                            "-".to_owned()
                        } else {
                            word
                        }
                    })
                    .join(" ")
            });
            assert_eq!(got.as_deref(), want, "{path}");
        }
    }

    #[test]
    fn parameters_keep_their_order_and_lose_their_escapes() {
        let got = parameters("command=sh&command=-c&x=a%20b+c&flag&bad=%zz&half=%4");
        let got: Vec<String> = got
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            got,
            [
                "command=sh",
                "command=-c",
                "x=a b c",
                "flag=",
                "bad=%zz",
                "half=%4"
            ]
        );
    }
}
