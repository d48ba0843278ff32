// The same load on `petset serve` and on a real kube-apiserver with etcd, one after the other: requests per second.
//
//	api-bench -petset PETSET [-reference FOLDER] [-objects N]
//
// FOLDER holds the programs etcd and kube-apiserver. Prints a table in Markdown.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	workers  = 8
	watchers = 100
	token    = "admin-token"
	maps     = "/api/v1/namespaces/default/configmaps"
)

var (
	petset    = flag.String("petset", "", "the program petset")
	reference = flag.String("reference", "", "a folder with etcd and kube-apiserver")
	objects   = flag.Int("objects", 10_000, "how many objects there are")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	folder, err := os.MkdirTemp("", "api-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fmt.Println("| server | measured | for each second | middle, ms | 99 of 100 within, ms |")
	fmt.Println("|---|---|--:|--:|--:|")
	var peaks []string
	starts := []func(string) (*server, error){startPetset}
	if *reference != "" {
		starts = append(starts, startReal)
	}
	for _, start := range starts {
		server, err := start(folder)
		if err != nil {
			return err
		}
		err = server.measure()
		peaks = append(peaks, fmt.Sprintf("- %s: %s", server.name, server.peaks()))
		server.stop()
		if err != nil {
			return fmt.Errorf("%s: %w", server.name, err)
		}
	}
	fmt.Println()
	fmt.Println(strings.Join(peaks, "\n"))
	return nil
}

// server is what is measured, and the processes behind it.
type server struct {
	name      string
	url       string
	client    *http.Client
	processes []*exec.Cmd
}

func (s *server) start(program string, args ...string) error {
	command := exec.Command(program, args...)
	command.Stderr = io.Discard
	if err := command.Start(); err != nil {
		return err
	}
	s.processes = append(s.processes, command)
	return nil
}

func (s *server) stop() {
	for _, process := range s.processes {
		process.Process.Kill()
		process.Wait()
	}
}

// peaks tells the most memory that each process has had.
func (s *server) peaks() string {
	var all []string
	for _, process := range s.processes {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Process.Pid))
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(status), "\n") {
			if kib, found := strings.CutPrefix(line, "VmHWM:"); found {
				var size int
				fmt.Sscan(kib, &size)
				all = append(all, fmt.Sprintf("`%s` %d MiB", filepath.Base(process.Path), size/1024))
			}
		}
	}
	return "peak memory " + strings.Join(all, ", ")
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func startPetset(string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{name: "petset serve", url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers + watchers}}
	if err := s.start(*petset, "serve", "--listen", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		return nil, err
	}
	return s, s.wait()
}

func startReal(folder string) (*server, error) {
	var ports [3]int
	for at := range ports {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		ports[at] = port
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	account := filepath.Join(folder, "sa.key")
	if err := os.WriteFile(account, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	tokens := filepath.Join(folder, "tokens.csv")
	if err := os.WriteFile(tokens, []byte(token+",admin,admin,system:masters\n"), 0o600); err != nil {
		return nil, err
	}
	s := &server{name: "kube-apiserver 1.36.3 and etcd 3.6", url: fmt.Sprintf("https://127.0.0.1:%d", ports[2])}
	s.client = &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: workers + watchers,
	}}
	clients := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	peers := fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	err = s.start(filepath.Join(*reference, "etcd"), "--data-dir", filepath.Join(folder, "etcd"), "--unsafe-no-fsync", "--log-level", "error",
		"--listen-client-urls", clients, "--advertise-client-urls", clients, "--listen-peer-urls", peers,
		"--initial-advertise-peer-urls", peers, "--initial-cluster", "default="+peers)
	if err != nil {
		return nil, err
	}
	err = s.start(filepath.Join(*reference, "kube-apiserver"), "--etcd-servers", clients, "--bind-address=127.0.0.1",
		"--secure-port", fmt.Sprint(ports[2]), "--cert-dir", filepath.Join(folder, "pki"), "--service-cluster-ip-range=10.96.0.0/16",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file", account,
		"--service-account-signing-key-file", account, "--token-auth-file", tokens, "--authorization-mode=AlwaysAllow")
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, s.wait()
}

// wait looks until the server answers and has its first namespace.
func (s *server) wait() error {
	begun := time.Now()
	for time.Since(begun) < 3*time.Minute {
		if _, err := s.do(context.Background(), "GET", "/api/v1/namespaces/default", nil); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.stop()
	return errors.New(s.name + " did not start")
}

func (s *server) request(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	return response, nil
}

func (s *server) do(ctx context.Context, method, path string, body []byte) (int64, error) {
	response, err := s.request(ctx, method, path, body)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return io.Copy(io.Discard, response.Body)
}

func name(at int) string { return fmt.Sprintf("object-%05d", at) }

// object is a map of about a kilobyte.
func object(at, version int) []byte {
	value := map[string]any{
		"apiVersion": "v1",
		"kind":       "ConfigMap",
		"metadata":   map[string]any{"name": name(at), "labels": map[string]string{"app": fmt.Sprintf("app-%d", at%100)}},
		"data":       map[string]string{"version": fmt.Sprint(version), "text": strings.Repeat("0123456789abcdef", 50)},
	}
	bytes, _ := json.Marshal(value)
	return bytes
}

// together does something `count` times, `workers` at once, and prints how fast that was.
func (s *server) together(what string, workers, count int, act func(at int) error) error {
	var next atomic.Int64
	var lock sync.Mutex
	var failure error
	took := make([]time.Duration, count)
	begun := time.Now()
	var group sync.WaitGroup
	for range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				at := int(next.Add(1)) - 1
				if at >= count {
					return
				}
				start := time.Now()
				if err := act(at); err != nil {
					lock.Lock()
					failure = err
					lock.Unlock()
					return
				}
				took[at] = time.Since(start)
			}
		}()
	}
	group.Wait()
	if failure != nil {
		return failure
	}
	s.row(what, float64(count)/time.Since(begun).Seconds(), took)
	return nil
}

func (s *server) row(what string, rate float64, took []time.Duration) {
	sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
	ms := func(part float64) string {
		if len(took) == 0 {
			return ""
		}
		return fmt.Sprintf("%.2f", took[int(part*float64(len(took)-1))].Seconds()*1000)
	}
	fmt.Printf("| %s | %s | %.0f | %s | %s |\n", s.name, what, rate, ms(0.5), ms(0.99))
}

func (s *server) measure() error {
	ctx := context.Background()
	step := func(method string, version int) func(int) error {
		return func(at int) error {
			path := maps
			if method != "POST" {
				path += "/" + name(at)
			}
			var body []byte
			if method != "GET" {
				body = object(at, version)
			}
			_, err := s.do(ctx, method, path, body)
			return err
		}
	}
	if err := s.together(fmt.Sprintf("create, %d at once", workers), workers, *objects, step("POST", 0)); err != nil {
		return err
	}
	if err := s.together(fmt.Sprintf("get, %d at once", workers), workers, *objects, step("GET", 0)); err != nil {
		return err
	}
	if err := s.together(fmt.Sprintf("update, %d at once", workers), workers, *objects, step("PUT", 1)); err != nil {
		return err
	}
	list := func(query string) func(int) error {
		return func(int) error {
			_, err := s.do(ctx, "GET", maps+query, nil)
			return err
		}
	}
	if err := s.together(fmt.Sprintf("list of all %d", *objects), 1, 10, list("")); err != nil {
		return err
	}
	if err := s.together("list of a page of 500", 1, 100, list("?limit=500")); err != nil {
		return err
	}
	if err := s.together("list of 100 by a label", 1, 100, list("?labelSelector=app%3Dapp-7")); err != nil {
		return err
	}
	return s.watch(ctx, min(1_000, *objects))
}

// watch lets a hundred watches hear of a thousand changes.
func (s *server) watch(ctx context.Context, changes int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	response, err := s.request(ctx, "GET", maps+"?limit=1", nil)
	if err != nil {
		return err
	}
	var listed struct {
		Metadata struct{ ResourceVersion string }
	}
	err = json.NewDecoder(response.Body).Decode(&listed)
	response.Body.Close()
	if err != nil {
		return err
	}
	heard := make(chan error, watchers)
	for range watchers {
		stream, err := s.request(ctx, "GET", maps+"?watch=true&resourceVersion="+listed.Metadata.ResourceVersion, nil)
		if err != nil {
			return err
		}
		go func() {
			defer stream.Body.Close()
			lines := bufio.NewReaderSize(stream.Body, 1<<16)
			for range changes {
				if _, err := lines.ReadBytes('\n'); err != nil {
					heard <- err
					return
				}
			}
			heard <- nil
		}()
	}
	begun := time.Now()
	err = s.together(fmt.Sprintf("update while %d watch", watchers), workers, changes, func(at int) error {
		_, err := s.do(ctx, "PUT", maps+"/"+name(at), object(at, 2))
		return err
	})
	if err != nil {
		return err
	}
	for range watchers {
		if err := <-heard; err != nil {
			return err
		}
	}
	s.row(fmt.Sprintf("events to %d watches", watchers), float64(changes*watchers)/time.Since(begun).Seconds(), nil)
	return nil
}
