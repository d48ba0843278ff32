// Uses a cluster as a controller does: an informer and a typed clientset create, update (with a conflict), watch and delete. Prints "ok" when
// everything was as in Kubernetes, and what was not otherwise. The one argument is a kubeconfig.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
	"k8s.io/client-go/util/retry"
)

const namespace = "default"
const limit = 60 * time.Second

type seen struct {
	sync.Mutex
	added, changed, deleted map[string]int
}

func (s *seen) count(of map[string]int, object any) {
	if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = tombstone.Obj
	}
	s.Lock()
	defer s.Unlock()
	of[object.(*core.Pod).Name]++
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, words ...any) {
	fmt.Printf(format+"\n", words...)
	os.Exit(1)
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err, "kubeconfig")
	config.QPS, config.Burst = 1000, 1000
	client, err := kubernetes.NewForConfig(config)
	check(err, "clientset")
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	pods := factory.Core().V1().Pods()
	saw := &seen{added: map[string]int{}, changed: map[string]int{}, deleted: map[string]int{}}
	_, err = pods.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { saw.count(saw.added, object) },
		UpdateFunc: func(_, object any) { saw.count(saw.changed, object) },
		DeleteFunc: func(object any) { saw.count(saw.deleted, object) },
	})
	check(err, "handler")
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), pods.Informer().HasSynced) {
		fail("the informer's cache did not fill")
	}

	createSet(ctx, client)
	until(ctx, "two ready pods", func() bool { return ready(pods.Lister().Pods(namespace).Get("web-1")) })
	conflict(ctx, client)
	patch(ctx, client)
	until(ctx, "three ready pods", func() bool { return ready(pods.Lister().Pods(namespace).Get("web-2")) })
	pages(ctx, client)
	watchMaps(ctx, client)
	execute(ctx, config, client)
	describe(client)
	remove(ctx, client)
	until(ctx, "no pods", func() bool {
		_, err := pods.Lister().Pods(namespace).Get("web-0")
		return errors.IsNotFound(err)
	})
	saw.Lock()
	defer saw.Unlock()
	for _, name := range []string{"web-0", "web-1", "web-2"} {
		if saw.added[name] != 1 || saw.changed[name] == 0 || saw.deleted[name] != 1 {
			fail("%s was added %d times, changed %d times, deleted %d times", name, saw.added[name], saw.changed[name], saw.deleted[name])
		}
	}
	fmt.Println("ok")
}

func until(ctx context.Context, what string, done func() bool) {
	err := wait.PollUntilContextCancel(ctx, 5*time.Millisecond, true, func(context.Context) (bool, error) { return done(), nil })
	check(err, what)
}

func ready(pod *core.Pod, err error) bool {
	if err != nil {
		return false
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodReady && condition.Status == core.ConditionTrue {
			return true
		}
	}
	return false
}

func createSet(ctx context.Context, client kubernetes.Interface) {
	replicas := int32(2)
	labels := map[string]string{"app": "web"}
	set := &apps.StatefulSet{
		ObjectMeta: meta.ObjectMeta{Name: "web"},
		Spec: apps.StatefulSetSpec{
			Replicas: &replicas,
			Selector: &meta.LabelSelector{MatchLabels: labels},
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Labels: labels},
				Spec:       core.PodSpec{Containers: []core.Container{{Name: "nginx", Image: "nginx:1.25", Ports: []core.ContainerPort{{ContainerPort: 80}}}}},
			},
		},
	}
	created, err := client.AppsV1().StatefulSets(namespace).Create(ctx, set, meta.CreateOptions{})
	check(err, "create")
	if created.UID == "" || created.Spec.RevisionHistoryLimit == nil || *created.Spec.RevisionHistoryLimit != 10 {
		fail("the created set has no uid or no defaults: %v", created)
	}
	_, err = client.AppsV1().StatefulSets(namespace).Create(ctx, set, meta.CreateOptions{})
	if !errors.IsAlreadyExists(err) {
		fail("a second set of the same name: %v", err)
	}
	set.Name = "Web"
	_, err = client.AppsV1().StatefulSets(namespace).Create(ctx, set, meta.CreateOptions{})
	if !errors.IsInvalid(err) {
		fail("a set with a bad name: %v", err)
	}
	_, err = client.CoreV1().Pods(namespace).Get(ctx, "none", meta.GetOptions{})
	if !errors.IsNotFound(err) {
		fail("a pod that is not there: %v", err)
	}
}

// An update of what was read before another's write is refused, and succeeds when it is tried again on what is there.
func conflict(ctx context.Context, client kubernetes.Interface) {
	sets := client.AppsV1().StatefulSets(namespace)
	old, err := sets.Get(ctx, "web", meta.GetOptions{})
	check(err, "get")
	other := old.DeepCopy()
	other.Annotations = map[string]string{"by": "another"}
	_, err = sets.Update(ctx, other, meta.UpdateOptions{})
	check(err, "update")
	old.Annotations = map[string]string{"by": "me"}
	_, err = sets.Update(ctx, old, meta.UpdateOptions{})
	if !errors.IsConflict(err) {
		fail("an update of an old version: %v", err)
	}
	tries := 0
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		tries++
		set := old
		if tries > 1 {
			if set, err = sets.Get(ctx, "web", meta.GetOptions{}); err != nil {
				return err
			}
		}
		set.Annotations = map[string]string{"by": "me"}
		_, err = sets.Update(ctx, set, meta.UpdateOptions{})
		return err
	})
	check(err, "update with retry")
	if tries != 2 {
		fail("%d tries to update", tries)
	}
}

func patch(ctx context.Context, client kubernetes.Interface) {
	sets := client.AppsV1().StatefulSets(namespace)
	change := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"b"}]}]}}}}`)
	set, err := sets.Patch(ctx, "web", types.StrategicMergePatchType, change, meta.PatchOptions{DryRun: []string{meta.DryRunAll}})
	check(err, "patch")
	if set.Spec.Template.Spec.Containers[0].Image != "nginx:1.25" || len(set.Spec.Template.Spec.Containers[0].Env) != 1 {
		fail("the patch was not merged: %v", set.Spec.Template.Spec.Containers)
	}
	scale, err := sets.GetScale(ctx, "web", meta.GetOptions{})
	check(err, "scale")
	scale.Spec.Replicas = 3
	_, err = sets.UpdateScale(ctx, "web", scale, meta.UpdateOptions{})
	check(err, "update of the scale")
}

// A list in pages has the same objects as a list at once.
func pages(ctx context.Context, client kubernetes.Interface) {
	events := client.CoreV1().Events(namespace)
	whole, err := events.List(ctx, meta.ListOptions{})
	check(err, "list")
	var names []string
	options := meta.ListOptions{Limit: 3}
	for {
		page, err := events.List(ctx, options)
		check(err, "page")
		for _, event := range page.Items {
			names = append(names, event.Name)
		}
		if options.Continue = page.Continue; options.Continue == "" {
			break
		}
	}
	if len(names) != len(whole.Items) || len(names) < 4 {
		fail("%d events in pages, %d at once", len(names), len(whole.Items))
	}
}

func watchMaps(ctx context.Context, client kubernetes.Interface) {
	maps := client.CoreV1().ConfigMaps(namespace)
	list, err := maps.List(ctx, meta.ListOptions{})
	check(err, "list")
	watch, err := maps.Watch(ctx, meta.ListOptions{ResourceVersion: list.ResourceVersion, LabelSelector: "a=b"})
	check(err, "watch")
	defer watch.Stop()
	one := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{GenerateName: "m-", Labels: map[string]string{"a": "b"}}, BinaryData: map[string][]byte{"x": {0, 255}}}
	made, err := maps.Create(ctx, one, meta.CreateOptions{})
	check(err, "create")
	made.Labels["a"] = "c"
	_, err = maps.Update(ctx, made, meta.UpdateOptions{})
	check(err, "update")
	for _, want := range []string{"ADDED", "DELETED"} {
		select {
		case event := <-watch.ResultChan():
			if string(event.Type) != want || event.Object.(*core.ConfigMap).Name != made.Name {
				fail("%s where %s of %s should be: %v", event.Type, want, made.Name, event.Object)
			}
		case <-ctx.Done():
			fail("no %s", want)
		}
	}
	_, err = maps.Watch(ctx, meta.ListOptions{ResourceVersion: "1"})
	if err != nil && !errors.IsResourceExpired(err) && !errors.IsGone(err) {
		fail("a watch from long ago: %v", err)
	}
}

// Runs a command as clients did before they used WebSockets.
func execute(ctx context.Context, config *rest.Config, client kubernetes.Interface) {
	request := client.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name("web-0").SubResource("exec")
	options := &core.PodExecOptions{Command: []string{"sh", "-c", "cat; echo bad >&2; exit 3"}, Stdin: true, Stdout: true, Stderr: true}
	request.VersionedParams(options, scheme.ParameterCodec)
	executor, err := remotecommand.NewSPDYExecutor(config, "POST", request.URL())
	check(err, "executor")
	var out, bad bytes.Buffer
	streams := remotecommand.StreamOptions{Stdin: strings.NewReader("in"), Stdout: &out, Stderr: &bad}
	err = executor.StreamWithContext(ctx, streams)
	ended, ok := err.(exec.ExitError)
	if !ok || ended.ExitStatus() != 3 || out.String() != "in" || bad.String() != "bad\n" {
		fail("a command over SPDY: %v, %q, %q", err, out.String(), bad.String())
	}
}

// Reads the description of the API in its older form.
func describe(client kubernetes.Interface) {
	document, err := client.Discovery().OpenAPISchema()
	check(err, "openapi v2")
	for _, one := range document.GetDefinitions().GetAdditionalProperties() {
		if one.GetName() == "io.k8s.api.apps.v1.StatefulSet" && len(one.GetValue().GetVendorExtension()) == 1 {
			return
		}
	}
	fail("no StatefulSet among %d definitions", len(document.GetDefinitions().GetAdditionalProperties()))
}

func remove(ctx context.Context, client kubernetes.Interface) {
	foreground := meta.DeletePropagationForeground
	wrong := types.UID("another")
	sets := client.AppsV1().StatefulSets(namespace)
	err := sets.Delete(ctx, "web", meta.DeleteOptions{Preconditions: &meta.Preconditions{UID: &wrong}})
	if !errors.IsConflict(err) {
		fail("a deletion with another uid: %v", err)
	}
	check(sets.Delete(ctx, "web", meta.DeleteOptions{PropagationPolicy: &foreground}), "delete")
	check(client.CoreV1().ConfigMaps(namespace).DeleteCollection(ctx, meta.DeleteOptions{}, meta.ListOptions{LabelSelector: "a=c"}), "delete collection")
}
