// Writes src/api/internal.txt, the API server's own structs of a few specs, one a line. Run it in a module that requires k8s.io/kubernetes v1.36.3.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	batch "k8s.io/kubernetes/pkg/apis/batch"
	core "k8s.io/kubernetes/pkg/apis/core"
)

var roots = []any{
	core.PodSpec{}, core.PersistentVolumeClaimSpec{}, core.PersistentVolumeSource{}, batch.PodFailurePolicy{}, batch.SuccessPolicy{},
}

var leaves = map[reflect.Type]string{
	reflect.TypeOf(meta.Time{}): "raw", reflect.TypeOf(meta.LabelSelector{}): "raw", reflect.TypeOf(meta.ObjectMeta{}): "raw",
	reflect.TypeOf(resource.Quantity{}): "quantity", reflect.TypeOf(intstr.IntOrString{}): "intorstring",
}
var ids = map[string]reflect.Type{}
var lines = map[string]string{}

func id(t reflect.Type) string {
	name := t.Name()
	if seen, ok := ids[name]; ok && seen != t {
		parts := strings.Split(t.PkgPath(), "/")
		name = parts[len(parts)-2] + ":" + name
	}
	ids[name] = t
	return name
}

func typ(t reflect.Type) string {
	if leaf, ok := leaves[t]; ok {
		return leaf
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typ(t.Elem())
	case reflect.Slice:
		return "[]" + typ(t.Elem())
	case reflect.Map:
		return "{}" + typ(t.Elem())
	case reflect.Struct:
		name := id(t)
		if _, ok := lines[name]; !ok {
			lines[name] = ""
			lines[name] = name + "|" + strings.Join(fields(t), "|")
		}
		return name
	default:
		if t.PkgPath() != "" {
			return t.Kind().String()
		}
		return t.Kind().String()
	}
}

func fields(t reflect.Type) (out []string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			out = append(out, fields(f.Type)...)
			continue
		}
		presence := ""
		if f.Type.Kind() == reflect.Pointer {
			presence = "*"
		}
		out = append(out, f.Name+" "+presence+typ(f.Type))
	}
	return out
}

func main() {
	for _, root := range roots {
		typ(reflect.TypeOf(root))
	}
	var names []string
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(lines[name])
	}
}
