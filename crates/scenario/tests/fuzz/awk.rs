//! Random awk programs that are read to their end.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Expressions that awk can read.
pub(super) fn expression() -> impl Strategy<Value = String> {
    let leaf = select(
        &[
            "1",
            "-1",
            "0",
            "1e300",
            "\"a\"",
            "\"\"",
            "x",
            "y",
            "NF",
            "NR",
            "$0",
            "$1",
            "$NF",
            "FS",
            "z[1]",
            "z[x]",
            "length",
            "log(-1)",
            "/a/",
            "rand()",
            "\"(a|b)*\"",
            "\"%d%s%*c\"",
            "\"한글\"",
            "g(x)",
            "f(x, z)",
        ][..],
    )
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = select(
            &[
                "+", "-", "*", "/", "%", "^", " ", "==", "<", "~", "!~", "&&", "||", ",",
            ][..],
        );
        let call = select(
            &[
                "substr", "index", "split", "match", "sprintf", "toupper", "int", "f", "g",
                "atan2", "sqrt",
            ][..],
        );
        let place = select(
            &[
                "x", "z[x]", "$1", "$(x)", "$0", "NF", "FS", "OFS", "SUBSEP", "RS",
            ][..],
        );
        let set = select(&["=", "+=", "/=", "^=", "%="][..]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| match o {
                "," => format!("z[{a}, {b}]"),
                o => format!("({a} {o} {b})"),
            }),
            (call, vec(inner.clone(), 1..4)).prop_map(|(f, a)| format!("{f}({})", a.join(", "))),
            (place.clone(), set, inner.clone()).prop_map(|(p, s, e)| format!("({p} {s} {e})")),
            (inner.clone(), place.clone(), inner.clone())
                .prop_map(|(r, p, e)| format!("gsub({r}, {e}, {p})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|e| format!("$({e})")),
            inner.clone().prop_map(|e| format!("(({e}) in z)")),
            place.prop_map(|p| format!("{p}++")),
        ]
    })
}

/// Statements that awk can read.
pub(super) fn statement() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        expression(),
        expression().prop_map(|e| format!("print {e}")),
        expression().prop_map(|e| format!("printf \"%s %5.2f %c\\n\", {e}, {e}, {e}")),
        expression().prop_map(|e| format!("delete z[{e}]")),
        select(&["next", "exit", "break", "continue", "delete z", "print"][..])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let block = vec(inner, 1..4).prop_map(|all| all.join("; "));
        prop_oneof![
            (expression(), block.clone()).prop_map(|(e, b)| format!("if ({e}) {{ {b} }} else x++")),
            (expression(), block.clone()).prop_map(|(e, b)| format!("while ({e}) {{ {b} }}")),
            (expression(), block.clone()).prop_map(|(e, b)| format!("do {{ {b} }} while ({e})")),
            (expression(), block.clone())
                .prop_map(|(e, b)| format!("for (i = 0; i < {e}; i++) {{ {b} }}")),
            block.prop_map(|b| format!("for (k in z) {{ {b} }}")),
        ]
    })
}
