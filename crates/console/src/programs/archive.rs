//! Archives in the form of POSIX `ustar`, as text: what is no text in a file is lost, as everywhere in streams here.

const BLOCK: usize = 512;

/// Something in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its path, without a slash in front.
    pub(crate) name: String,
    /// Whether it is a directory.
    pub(crate) directory: bool,
    /// What a file holds.
    pub(crate) text: String,
}

/// The archive of some members.
pub(crate) fn write(members: &[Member]) -> String {
    let mut out = String::new();
    for member in members {
        let (kind, mode) = match member.directory {
            true => ('5', "0000755"),
            false => ('0', "0000644"),
        };
        let size = member.text.len();
        let head = |sum: &str| {
            let mut block = String::with_capacity(BLOCK);
            let mut field = |text: &str, width: usize| {
                let mut end = text.len().min(width);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                block.push_str(&text[..end]);
                block.extend(std::iter::repeat_n('\0', width - end));
            };
            field(&member.name, 100);
            field(mode, 8);
            field("0000000", 8);
            field("0000000", 8);
            field(&format!("{size:011o}"), 12);
            field("00000000000", 12);
            field(sum, 8);
            field(&kind.to_string(), 1);
            field("", 100);
            field("ustar\u{0}00", 8);
            field("root", 32);
            field("root", 32);
            field("", BLOCK - 329);
            block
        };
        let sum: u32 = head("        ").bytes().map(u32::from).sum();
        out.push_str(&head(&format!("{sum:06o}\0 ")));
        out.push_str(&member.text);
        out.extend(std::iter::repeat_n('\0', (BLOCK - size % BLOCK) % BLOCK));
    }
    out.extend(std::iter::repeat_n('\0', 2 * BLOCK));
    out
}

/// The members of an archive.
///
/// # Errors
/// Nothing that is an archive.
pub(crate) fn read(archive: &str) -> Result<Vec<Member>, &'static str> {
    let bytes = archive.as_bytes();
    let mut members = Vec::new();
    let mut at = 0;
    while let Some(head) = bytes.get(at..at + BLOCK) {
        let text = |from: usize, to: usize| {
            let field = &head[from..to];
            let end = field.iter().position(|byte| *byte == 0);
            String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
        };
        if head.iter().all(|byte| *byte == 0) {
            return Ok(members);
        }
        if !text(257, 262).starts_with("ustar") {
            return Err("This does not look like a tar archive");
        }
        let size = usize::from_str_radix(text(124, 136).trim(), 8);
        let size = size.map_err(|_| "This does not look like a tar archive")?;
        at += BLOCK;
        let content = bytes.get(at..at.saturating_add(size));
        let content = content.ok_or("Unexpected EOF in archive")?;
        members.push(Member {
            name: text(0, 100),
            directory: head[156] == b'5',
            text: String::from_utf8_lossy(content).into_owned(),
        });
        at += size.div_ceil(BLOCK) * BLOCK;
    }
    match members.is_empty() {
        true => Err("This does not look like a tar archive"),
        false => Ok(members),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let member = |name: &str, directory, text: &str| Member {
            name: name.to_owned(),
            directory,
            text: text.to_owned(),
        };
        for members in [
            vec![member("a/", true, ""), member("a/b.txt", false, "hello\n")],
            vec![member("empty", false, "")],
            vec![member("한글.txt", false, &"글".repeat(400))],
            vec![
                member("x", false, &"x".repeat(512)),
                member("y", false, "y"),
            ],
        ] {
            assert_eq!(read(&write(&members)), Ok(members));
        }
        assert!(read("no archive").is_err());
        assert!(read(&"x".repeat(2000)).is_err());
        let whole = write(&[member("x", false, &"x".repeat(900))]);
        assert_eq!(read(&whole[..700]), Err("Unexpected EOF in archive"));
    }
}
