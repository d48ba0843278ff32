//! Templates against what kubectl 1.36.3 prints.

use super::GoTemplate;
use serde_json::json;

#[test]
fn templates_print_what_kubectl_prints() {
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "generation": 3, "finalizers": ["f", "g"]},
        "data": {"a": "1", "b": "two", "c": "aGk="},
    });
    let table = [
        ("{{.data.a}}", "1"),
        (
            "{{range $k, $v := .data}}{{$k}}={{$v}},{{end}}",
            "a=1,b=two,c=aGk=,",
        ),
        (
            "{{range $i, $f := .metadata.finalizers}}{{$i}}{{$f}}{{end}}",
            "0f1g",
        ),
        ("{{.nope}} {{.nope.x}}", "<no value> <no value>"),
        (
            "{{.data.a.b}}",
            "!error executing template \"{{.data.a.b}}\": template: output:1:7: executing \"output\" at <.data.a.b>: can't evaluate field b in type interface {}",
        ),
        (
            "{{foo}}",
            "!error parsing template {{foo}}, template: output:1: function \"foo\" not defined",
        ),
        (
            "{{range .data}}x{{else}}y{{end}}{{range .nope}}x{{else}}y{{end}}",
            "xxxy",
        ),
        (
            "{{len .data}} {{index .data \"a\"}} {{printf \"%-10s|%d\" .kind 3}}",
            "3 1 ConfigMap |3",
        ),
        (
            "{{if eq .kind \"ConfigMap\"}}yes{{else if .x}}m{{else}}no{{end}}",
            "yes",
        ),
        ("{{if .x}}yes{{else if .kind}}m{{else}}no{{end}}", "m"),
        (
            "{{.metadata}} {{.metadata.generation}}",
            "map[finalizers:[f g] generation:3 name:x] 3",
        ),
        (
            "{{eq .metadata.generation 3}} {{gt .metadata.generation 5}}",
            "true false",
        ),
        (
            "{{if}}",
            "!error parsing template {{if}}, template: output:1: missing value for if",
        ),
        (
            "{{end}}",
            "!error parsing template {{end}}, template: output:1: unexpected {{end}}",
        ),
        (
            "{{.data",
            "!error parsing template {{.data, template: output:1: unclosed action",
        ),
        (
            "{{eq 1 \"a\"}}",
            "!error executing template \"{{eq 1 \\\"a\\\"}}\": template: output:1:2: executing \"output\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison: int and string",
        ),
        ("{{ .kind | len }} {{- \" t\" -}}   z", "9 tz"),
        (
            "{{with .metadata}}{{.name}}{{end}}{{with .x}}{{.}}{{else}}none{{end}}",
            "xnone",
        ),
        ("{{/* c */}}a{{print 1 2 \"x\" 3}}", "a1 2x3"),
        (
            "{{index .data 3}}",
            "!error executing template \"{{index .data 3}}\": template: output:1:2: executing \"output\" at <index .data 3>: error calling index: value has type int; should be string",
        ),
        (
            "{{$x}}",
            "!error parsing template {{$x}}, template: output:1: undefined variable \"$x\"",
        ),
        (
            "{{if .a}}x",
            "!error parsing template {{if .a}}x, template: output:1: unexpected EOF",
        ),
        ("{{printf \"%d\" .metadata.name}}", "%!d(string=x)"),
        (
            "{{$n := .metadata.name}}{{range .data}}{{$n}}{{$.kind}} {{end}}",
            "xConfigMap xConfigMap xConfigMap ",
        ),
        (
            "{{(index .metadata.finalizers 1)}}{{.data.c | base64decode}}",
            "ghi",
        ),
        (
            "{{and .kind .x}}{{or .x .kind}}{{not .x}}",
            "<no value>ConfigMaptrue",
        ),
        (
            "{{range .metadata.finalizers}}{{.}}{{\"\\n\"}}{{end}}",
            "f\ng\n",
        ),
        (
            "{{define \"t\"}}{{end}}",
            "!not simulated here: named Go templates",
        ),
    ];
    for (template, expected) in table {
        let printed =
            GoTemplate::parse(template, true).and_then(|template| template.print(&object));
        let printed = match printed {
            Ok(text) => text,
            Err(error) => format!("!{}", error.message()),
        };
        assert_eq!(printed, expected, "{template}");
    }
}
