// Writes the field table src/api/schema.txt of the simulated kinds, one Go struct a line. Run it in a module that requires k8s.io/api v0.36.3.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	policy "k8s.io/api/policy/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var roots = []any{core.ConfigMap{}, core.Endpoints{}, core.Event{}, core.Namespace{}, core.Node{}, core.PersistentVolumeClaim{},
	core.PersistentVolume{}, core.Pod{}, core.Secret{}, core.ServiceAccount{}, core.Service{}, apps.ControllerRevision{},
	apps.StatefulSet{}, discovery.EndpointSlice{}, storage.StorageClass{}, storage.VolumeAttachment{},
	apps.DaemonSet{}, batch.CronJob{}, batch.Job{}, coordination.Lease{}, policy.PodDisruptionBudget{},
	autoscaling.HorizontalPodAutoscaler{}}

var leaves = map[reflect.Type]string{
	reflect.TypeOf(meta.Time{}): "time", reflect.TypeOf(meta.MicroTime{}): "microtime",
	reflect.TypeOf(resource.Quantity{}): "quantity", reflect.TypeOf(intstr.IntOrString{}): "intorstring",
	reflect.TypeOf(runtime.RawExtension{}): "raw", reflect.TypeOf(meta.FieldsV1{}): "raw", reflect.TypeOf([]byte{}): "bytes",
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
			return t.Kind().String() + "(" + t.String() + ")"
		}
		return t.Kind().String()
	}
}

func fields(t reflect.Type) (out []string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		if tag[0] == "" && f.Anonymous {
			out = append(out, fields(f.Type)...)
			continue
		}
		if tag[0] == "-" || tag[0] == "" {
			continue
		}
		text := tag[0] + presence(f, tag) + " " + typ(f.Type)
		if key := f.Tag.Get("patchMergeKey"); key != "" {
			text += " key=" + key
		}
		if strategy := f.Tag.Get("patchStrategy"); strategy != "" {
			text += " " + strategy
		}
		out = append(out, text)
	}
	return out
}

// presence says how an unset field is written: "!" as its zero value, "?" (also when zero) not at all.
func presence(f reflect.StructField, tag []string) string {
	omitted := len(tag) > 1 && strings.Contains(strings.Join(tag[1:], ","), "omit")
	zero := strings.Contains(f.Tag.Get("json"), "omitzero")
	switch {
	case f.Type.Kind() == reflect.Pointer:
		return ""
	case zero:
		return "?"
	case f.Type.Kind() == reflect.Struct:
		return "!"
	case omitted:
		return "?"
	default:
		return "!"
	}
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
