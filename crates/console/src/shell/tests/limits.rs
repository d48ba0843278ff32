//! Scripts that would need more memory, stack or time than there is: each ends in words.

use super::run;

/// How a script ends that made a text too long.
const LONG: &str = "a text of more than 1 MiB\n";

/// `x` holds 32 KiB.
const AWK_TEXT: &str = "x=\"a\"; while (length(x) < 30000) x = x x;";

/// How a script ends that took too many steps.
const STEPS: &str = "more than 200000 steps for one record\n";

#[test]
fn what_grows_without_end_is_stopped() {
    let chain = "+1".repeat(190);
    let big = "x=0123456789abcdef; for i in 1 2 3 4; do x=$x$x$x$x$x$x$x$x; done;";
    let cases = [
        (
            format!("awk 'function f(x) {{ return f(x){chain} }} BEGIN {{ f(1) }}'"),
            "functions that call functions this deep\n",
        ),
        (
            format!("awk 'BEGIN {{ {AWK_TEXT} y = x; gsub(/a/, x, y); print length(y) }}'"),
            LONG,
        ),
        (
            format!(
                "echo a | awk 'BEGIN {{ {AWK_TEXT} OFS = x }} {{ NF = 10000; print length($0) }}'"
            ),
            LONG,
        ),
        (
            format!("awk 'BEGIN {{ {AWK_TEXT} while (1) split(x, y, \"\") }}'"),
            STEPS,
        ),
        (
            "awk 'BEGIN { while (1) x = \"aa\" ~ (\"(a{50}){50}\" i++) }'".to_owned(),
            STEPS,
        ),
        (format!("{big} echo $x | sed \"s/0/$x/g\""), LONG),
        (
            format!("{big} echo ${{x//0/$x}}"),
            "a value of more than 1 MiB\n",
        ),
    ];
    for (script, words) in cases {
        let (out, errors, code) = run(&script);
        assert!(
            errors.contains("not simulated here: ") && errors.ends_with(words),
            "{script}: {out:.200}{errors:.200}"
        );
        assert!(matches!(code, Some(1 | 2)), "{script}: {code:?}");
    }
}

/// What recursion a script is likely to have is not stopped.
#[test]
fn ordinary_recursion_ends_by_itself() {
    let script = "awk 'function f(n) { if (n < 2) return 1; else { return n * f(n - 1) } } BEGIN { print f(18) }'";
    assert_eq!(run(script).0, "6402373705728000\n");
}
