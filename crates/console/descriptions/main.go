// Writes openapi.txt, what `kubectl explain` says of the simulated kinds, from the OpenAPI definitions of the API server.
// Run it in a module that requires k8s.io/kubernetes v1.36.3.
//
// A line `# Name<tab>description` begins a struct; its fields follow, one a line: name, type, `!` if it is required, its
// values if only some are allowed (separated by `|`), description. `\n` stands for a line end, `\\` for a backslash.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

var roots = []string{
	"io.k8s.api.core.v1.ConfigMap", "io.k8s.api.core.v1.Endpoints", "io.k8s.api.core.v1.Event", "io.k8s.api.core.v1.Namespace",
	"io.k8s.api.core.v1.Node", "io.k8s.api.core.v1.PersistentVolume", "io.k8s.api.core.v1.PersistentVolumeClaim",
	"io.k8s.api.core.v1.Pod", "io.k8s.api.core.v1.Secret", "io.k8s.api.core.v1.Service", "io.k8s.api.core.v1.ServiceAccount",
	"io.k8s.api.apps.v1.ControllerRevision", "io.k8s.api.apps.v1.DaemonSet", "io.k8s.api.apps.v1.Deployment",
	"io.k8s.api.apps.v1.ReplicaSet", "io.k8s.api.apps.v1.StatefulSet", "io.k8s.api.batch.v1.CronJob", "io.k8s.api.batch.v1.Job",
	"io.k8s.api.coordination.v1.Lease", "io.k8s.api.discovery.v1.EndpointSlice", "io.k8s.api.policy.v1.PodDisruptionBudget",
	"io.k8s.api.storage.v1.StorageClass",
}

var definitions map[string]common.OpenAPIDefinition
var out = map[string]string{}
var ids = map[string]string{}

func ref(name string) spec.Ref { return spec.MustCreateRef("#/" + name) }

func target(s *spec.Schema) string {
	if r := s.Ref.String(); r != "" {
		return strings.TrimPrefix(r, "#/")
	}
	for i := range s.AllOf {
		if t := target(&s.AllOf[i]); t != "" {
			return t
		}
	}
	return ""
}

func last(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// The name of a struct in the table: two packages have one of the same name, which a prefix tells apart.
func id(name string) string {
	short := last(name)
	if seen, ok := ids[short]; ok && seen != name {
		parts := strings.FieldsFunc(name, func(c rune) bool { return c == '/' || c == '.' })
		return parts[len(parts)-3] + ":" + short
	}
	ids[short] = name
	return short
}

// The type as explain guesses it.
func guess(s *spec.Schema) string {
	if s.Items != nil && s.Items.Schema != nil {
		return "[]" + guess(s.Items.Schema)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		return "map[string]" + guess(s.AdditionalProperties.Schema)
	}
	if t := target(s); t != "" {
		d := definitions[t].Schema
		if len(d.Type) > 0 && d.Type[0] != "object" {
			return d.Type[0]
		}
		if len(d.OneOf) > 0 || len(d.Type) == 0 {
			return last(t)
		}
		// What it says is for programmers of servers.
		if last(t) != "RawExtension" {
			add(t)
		}
		return id(t)
	}
	if len(s.Type) == 0 || s.Type[0] == "object" {
		return "Object"
	}
	return s.Type[0]
}

func text(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`)
}

func add(name string) {
	key := id(name)
	if _, ok := out[key]; ok {
		return
	}
	out[key] = ""
	d, ok := definitions[name]
	if !ok {
		panic(name)
	}
	s := d.Schema
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\t%s\n", key, text(s.Description))
	required := map[string]bool{}
	for _, r := range s.Required {
		required[r] = true
	}
	names := []string{}
	for n := range s.Properties {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		p := s.Properties[n]
		mark := ""
		if required[n] {
			mark = "!"
		}
		values := []string{}
		for _, v := range p.Enum {
			values = append(values, fmt.Sprint(v))
		}
		if len(values) == 1 && values[0] == "" {
			values = []string{`""`}
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", n, guess(&p), mark, strings.Join(values, "|"), text(p.Description))
	}
	out[key] = b.String()
}

func main() {
	definitions = openapi.GetOpenAPIDefinitions(func(name string) spec.Ref { return ref(name) })
	byName := func(n string) string {
		for k := range definitions {
			if k == n || strings.ReplaceAll(strings.ReplaceAll(k, "k8s.io/", "io.k8s."), "/", ".") == n {
				return k
			}
		}
		panic(n)
	}
	for _, r := range roots {
		add(byName(r))
	}
	keys := []string{}
	for k := range out {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprint(os.Stdout, out[k])
	}
}
