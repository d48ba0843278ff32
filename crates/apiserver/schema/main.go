// Writes the table src/protobuf.txt of field numbers, one Go struct a line, and one line that begins with "=" for each kind that clients send.
// Run it in a module that requires k8s.io/api v0.36.3.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v1"
	autoscaling2 "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	events "k8s.io/api/events/v1"
	policy "k8s.io/api/policy/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var roots = map[string][]any{
	"v1": {core.Binding{}, core.ConfigMap{}, core.Endpoints{}, core.Event{}, core.Namespace{}, core.Node{}, core.PersistentVolumeClaim{},
		core.PersistentVolume{}, core.Pod{}, core.Secret{}, core.ServiceAccount{}, core.Service{}, meta.DeleteOptions{}},
	"apps/v1":                {apps.ControllerRevision{}, apps.StatefulSet{}, apps.DaemonSet{}, apps.Deployment{}, apps.ReplicaSet{}},
	"autoscaling/v1":         {autoscaling.Scale{}},
	"autoscaling/v2":         {autoscaling2.HorizontalPodAutoscaler{}},
	"batch/v1":               {batch.CronJob{}, batch.Job{}},
	"coordination.k8s.io/v1": {coordination.Lease{}},
	"discovery.k8s.io/v1":    {discovery.EndpointSlice{}},
	"events.k8s.io/v1":       {events.Event{}},
	"policy/v1":              {policy.PodDisruptionBudget{}, policy.Eviction{}},
	"storage.k8s.io/v1":      {storage.StorageClass{}, storage.VolumeAttachment{}},
}

var leaves = map[reflect.Type]string{
	reflect.TypeOf(meta.Time{}): "time", reflect.TypeOf(meta.MicroTime{}): "time",
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
	case reflect.Int32, reflect.Int64:
		return "int"
	default:
		return t.Kind().String()
	}
}

func fields(t reflect.Type) (out []string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		proto := strings.Split(f.Tag.Get("protobuf"), ",")
		if len(proto) < 2 {
			continue
		}
		name := strings.Split(f.Tag.Get("json"), ",")[0]
		if name == "" {
			name = "+"
		}
		out = append(out, proto[1]+" "+name+" "+typ(f.Type))
	}
	return out
}

func main() {
	var out []string
	for version, kinds := range roots {
		for _, kind := range kinds {
			t := reflect.TypeOf(kind)
			out = append(out, "="+version+"|"+t.Name()+"|"+typ(t))
		}
	}
	for _, line := range lines {
		out = append(out, line)
	}
	sort.Strings(out)
	for _, line := range out {
		fmt.Println(line)
	}
}
