// The other documents that people learn from, typed as they are printed. What differs on purpose: ages, uids, addresses and node names, and
// - "1. StatefulSet chapter": its commands are pictures; they are typed as those show them, with the storage class that a cluster has by default.
// - "3. volume mount": `-l group=test-statefulset` selects nothing, no manifest of the document has that label; a `curl` reaches any pod, each as
//   often as the others, so its three answers come in any order; PV and PVC have a column that came with Kubernetes 1.29.
// - "4. chapter 13": it has no commands; what it tells is done with a small set and three volumes made by hand.
// - "5. emptyDir": `deleted` is followed by the namespace since Kubernetes 1.34; the months of `ls` are the cluster's.
import { expect, test } from "../playground.js";

/** Adds a file as a drop of it does. */
async function drop(page, name, text) {
  const tabs = page.locator('[data-part="file-tab"]');
  const count = await tabs.count();
  const data = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent('[data-pane="editor"]', "drop", { dataTransfer: data });
  await expect(tabs).toHaveCount(count + 1);
}

/** Runs a command until what it prints has the shape of `wanted`. */
async function until(playground, command, wanted) {
  await expect(async () => expect(await playground.run(command)).toMatch(wanted)).toPass({ timeout: 40_000 });
}

const set = (name, service, { image, mount, template, grace = 10, port = "web" }) => `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ${name}
spec:
  selector:
    matchLabels:
      app: nginx
  serviceName: ${service}
  replicas: 3
  template:
    metadata:
      labels:
        app: nginx
    spec:
      terminationGracePeriodSeconds: ${grace}
      containers:
      - name: nginx
        image: ${image}
        ports:
        - containerPort: 80
          name: ${port}
        volumeMounts:
        - name: ${mount}
          mountPath: /usr/share/nginx/html
  volumeClaimTemplates:
  - metadata:
      name: ${mount}
    spec:
      accessModes: [ "ReadWriteOnce" ]
      storageClassName: ${template}
      resources:
        requests:
          storage: 1Gi
`;

const running = (name, ordinals) => new RegExp(`${ordinals.map((n) => `(pod/)?${name}-${n} +1/1 +Running +0 +\\d+s\n`).join("")}$`);

test("the StatefulSet chapter", async ({ page, playground }) => {
  test.slow();
  await playground.open();
  await drop(page, "service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: nginx\n  labels:\n    app: nginx\nspec:\n  ports:\n  - port: 80\n    name: web\n  clusterIP: None\n  selector:\n    app: nginx\n");
  await drop(page, "web.yaml", set("web", '"nginx"', { image: "k8s.gcr.io/nginx-slim:0.8", mount: "www", template: '"standard"' }));
  expect(await playground.run("kubectl apply -f service.yaml")).toBe("service/nginx created\n");
  expect(await playground.run("kubectl apply -f web.yaml")).toBe("statefulset.apps/web created\n");
  await until(playground, "kubectl get pods", running("web", [0, 1, 2]));
  const all = await playground.run("kubectl get all");
  expect(all).toMatch(/service\/nginx +ClusterIP +None +<none> +80\/TCP/);
  expect(all).toMatch(/statefulset\.apps\/web +3\/3/);
  expect(await playground.run("kubectl get pvc")).toMatch(/www-web-0 +Bound .*\nwww-web-1 +Bound .*\nwww-web-2 +Bound /);
  const names = await playground.run("kubectl run -it busybox --image=busybox:1.28 --rm --restart=Never -- nslookup nginx");
  expect(names).toMatch(/Name: +nginx\n(Address \d: 10\.244\.\d+\.\d+ web-\d\.nginx\.default\.svc\.cluster\.local\n){3}/);
  await playground.run("kubectl scale statefulset web --replicas 5");
  await until(playground, "kubectl get pods", running("web", [0, 1, 2, 3, 4]));
  await playground.run("kubectl scale statefulset web --replicas 1");
  await until(playground, "kubectl get pods", /^NAME.*\nweb-0 +1\/1 +Running +0 +\d+s\n$/);
  expect((await playground.run("kubectl get pvc")).match(/Bound/g)).toHaveLength(5);
  expect(await playground.run("kubectl delete statefulsets web")).toBe('statefulset.apps "web" deleted from default namespace\n');
  expect((await playground.run("kubectl get pvc")).match(/Bound/g)).toHaveLength(5);
  await playground.run("kubectl apply -f web.yaml");
  await until(playground, "kubectl get pods", running("web", [0, 1, 2]));
  expect((await playground.run("kubectl get pvc")).match(/Bound/g)).toHaveLength(5);
});

test("volume mount: retained volumes behind a node port", async ({ page, playground }) => {
  test.slow();
  await playground.open();
  await drop(page, "test-storage-class.yaml", "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata:\n  name: test-storage-class\nprovisioner: docker.io/hostpath\nreclaimPolicy: Retain\n");
  const service =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: nginx-service\n  labels:\n    app: nginx\nspec:\n  ports:\n    - port: 80\n      name: web\n      targetPort: 80\n      protocol: TCP\n      nodePort: 30080\n  selector:\n    app: nginx\n  type: NodePort\n";
  const name = "nginx-statefulset";
  await drop(page, "nginx-service-statefulset.yaml", `${service}---\n${set(name, "nginx-service", { image: "k8s.gcr.io/nginx-slim:0.8", mount: "html-volume", template: "test-storage-class" })}`);
  expect(await playground.run("kubectl apply -f test-storage-class.yaml")).toBe("storageclass.storage.k8s.io/test-storage-class created\n");
  expect(await playground.run("kubectl apply -f nginx-service-statefulset.yaml")).toBe("service/nginx-service created\nstatefulset.apps/nginx-statefulset created\n");
  await until(playground, "kubectl get pod", running(name, [0, 1, 2]));
  const shown = await playground.run("kubectl get sc,svc,statefulset,pod");
  expect(shown).toMatch(/storageclass\.storage\.k8s\.io\/test-storage-class +docker\.io\/hostpath +Retain +Immediate +false/);
  expect(shown).toMatch(/service\/nginx-service +NodePort +10\.[0-9.]+ +<none> +80:30080\/TCP/);
  expect(shown).toMatch(/statefulset\.apps\/nginx-statefulset +3\/3/);
  const volumes = await playground.run("kubectl get pv,pvc");
  for (const n of [0, 1, 2]) {
    expect(volumes).toMatch(new RegExp(`persistentvolume/pvc-[0-9a-f-]{36} +1Gi +RWO +Retain +Bound +default/html-volume-${name}-${n} +test-storage-class`));
    expect(volumes).toMatch(new RegExp(`persistentvolumeclaim/html-volume-${name}-${n} +Bound +pvc-[0-9a-f-]{36} +1Gi +RWO +test-storage-class`));
  }
  const sessions = playground.entries();
  for (const n of [0, 1, 2]) {
    await playground.type(`kubectl exec -it ${name}-${n} -c nginx -- bash`);
    await expect(sessions.last()).toContainText(`root@${name}-${n}:/#`);
    for (const line of [`echo "im ${n}" > /usr/share/nginx/html/whoami.html`, "exit"]) {
      await playground.prompt().pressSequentially(line);
      await playground.prompt().press("Enter");
    }
    await expect(sessions.last()).toHaveAttribute("data-state", "done");
  }
  const curl = "curl localhost:30080/whoami.html";
  const answers = async (times) => {
    const seen = new Set();
    for (let time = 0; time < times; time += 1) seen.add(await playground.run(curl));
    return [...seen].sort();
  };
  expect(await answers(15)).toEqual(["im 0\n", "im 1\n", "im 2\n"]);
  expect(await playground.run(`kubectl scale --replicas=1 statefulset ${name}`)).toBe(`statefulset.apps/${name} scaled\n`);
  await until(playground, "kubectl get statefulset,pod", new RegExp(`statefulset\\.apps/${name} +1/1 .*\\n\\nNAME.*\\npod/${name}-0 +1/1 +Running +0 +\\d+s\\n$`));
  expect(await answers(3)).toEqual(["im 0\n"]);
  expect(await playground.run(`kubectl scale --replicas=3 statefulset ${name}`)).toBe(`statefulset.apps/${name} scaled\n`);
  await until(playground, "kubectl get statefulset,pod", running(name, [0, 1, 2]));
  expect(await answers(15)).toEqual(["im 0\n", "im 1\n", "im 2\n"]);
  for (const n of [1, 2]) {
    expect(await playground.run(`kubectl exec ${name}-${n} -c nginx -- cat /usr/share/nginx/html/whoami.html`)).toBe(`im ${n}\n`);
  }

  await page.locator("#tab-storage").click();
  const disk = page.locator(`[data-part="disk"][data-disk="html-volume-${name}-1"]`);
  await expect(disk).toContainText("/whoami.html");
  await expect(disk).toContainText("im 1");
  await expect(disk).toContainText("Retain");
  await playground.expectAccessible();
  await page.locator("#tab-dns").click();
  await expect(page.locator('[data-part="way"]').first()).toContainText(":30080");
  await playground.expectAccessible();
});

test("chapter 13: volumes made by hand, and names", async ({ page, playground }) => {
  test.slow();
  await playground.open();
  const volume = (letter) =>
    `apiVersion: v1\nkind: PersistentVolume\nmetadata:\n  name: pv-${letter}\nspec:\n  capacity:\n    storage: 1Gi\n  accessModes:\n  - ReadWriteOnce\n  persistentVolumeReclaimPolicy: Recycle\n  hostPath:\n    path: /tmp/pv-${letter}\n`;
  await drop(page, "volumes.yaml", ["a", "b", "c"].map(volume).join("---\n"));
  await drop(
    page,
    "app.yaml",
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: quiz-pods\nspec:\n  clusterIP: None\n  selector:\n    app: nginx\n  ports:\n  - name: http\n    port: 80\n---\n${set("quiz", "quiz-pods", { image: "nginx:1.25", mount: "data", template: '""' })}`,
  );
  const made = await playground.run("kubectl apply -f volumes.yaml");
  for (const letter of ["a", "b", "c"]) expect(made).toContain(`persistentvolume/pv-${letter} created\n`);
  await playground.run("kubectl apply -f app.yaml");
  await until(playground, "kubectl get pods", running("quiz", [0, 1, 2]));
  expect(await playground.run("kubectl get pv")).toMatch(/pv-a +1Gi +RWO +Recycle +Bound +default\/data-quiz-\d/);
  const answer = await playground.run("kubectl run -it dns --image=registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7 --rm --restart=Never -- dig +short SRV _http._tcp.quiz-pods.default.svc.cluster.local");
  for (const n of [0, 1, 2]) expect(answer).toContain(`0 33 80 quiz-${n}.quiz-pods.default.svc.cluster.local.`);
  await playground.run("kubectl exec quiz-0 -- sh -c 'echo persisted > /usr/share/nginx/html/me'");
  await playground.run("kubectl delete pod quiz-0");
  await until(playground, "kubectl get pods", running("quiz", [0, 1, 2]));
  expect(await playground.run("kubectl exec quiz-0 -- cat /usr/share/nginx/html/me")).toBe("persisted\n");
  await playground.run("kubectl scale sts quiz --replicas=1");
  await until(playground, "kubectl get pods", /^NAME.*\nquiz-0 .*\n$/);
  expect((await playground.run("kubectl get pvc")).match(/Bound/g)).toHaveLength(3);
  await playground.run("kubectl delete pvc data-quiz-2");
  await until(playground, "kubectl get pv", /Recycle +Available/);
});

test("emptyDir goes with its pod", async ({ page, playground }) => {
  test.slow();
  await playground.open();
  const variable = (name, key) => `        - name: ${name}\n          valueFrom:\n            secretKeyRef: {name: catalog-db, key: ${key}, optional: false}\n`;
  await drop(
    page,
    "catalog.yaml",
    `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: catalog\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: catalog-db\n  namespace: catalog\nstringData:\n  username: u\n  password: p\n  name: catalog\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: catalog-mysql\n  namespace: catalog\nspec:\n  replicas: 1\n  serviceName: catalog-mysql\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: mysql\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/component: mysql\n    spec:\n      containers:\n      - name: mysql\n        image: public.ecr.aws/docker/library/mysql:8.0\n        env:\n        - name: MYSQL_ROOT_PASSWORD\n          value: my-secret-pw\n${variable("MYSQL_USER", "username")}${variable("MYSQL_PASSWORD", "password")}${variable("MYSQL_DATABASE", "name")}        volumeMounts:\n        - name: data\n          mountPath: /var/lib/mysql\n        ports:\n        - name: mysql\n          containerPort: 3306\n      volumes:\n      - name: data\n        emptyDir: {}\n`,
  );
  await playground.run("kubectl apply -f catalog.yaml");
  await until(playground, "kubectl get pods -n catalog", /catalog-mysql-0 +1\/1 +Running/);
  const described = await playground.run("kubectl describe statefulset -n catalog catalog-mysql");
  for (const line of [
    /Name: +catalog-mysql\n/,
    /Image: +public\.ecr\.aws\/docker\/library\/mysql:8\.0\n/,
    /MYSQL_USER: +<set to the key 'username' in secret 'catalog-db'> +Optional: false\n/,
    /Type: +EmptyDir \(a temporary directory that shares a pod's lifetime\)\n/,
    /Volume Claims: +<none>\n/,
  ]) {
    expect(described).toMatch(line);
  }
  expect(await playground.run('kubectl exec catalog-mysql-0 -n catalog -- bash -c "echo 123 > /var/lib/mysql/test.txt"')).toBe("");
  expect(await playground.run("kubectl exec catalog-mysql-0 -n catalog -- ls -larth /var/lib/mysql/ | grep -i test")).toMatch(/^-rw-r--r-- 1 root +root +4 \w{3} +\d+ \d\d:\d\d test\.txt\n$/);
  await page.locator("#tab-storage").click();
  const disk = page.locator('[data-part="disk"][data-disk="data"]');
  await expect(disk).toContainText("/test.txt");
  expect(await playground.run("kubectl delete pods -n catalog -l app.kubernetes.io/component=mysql")).toBe('pod "catalog-mysql-0" deleted from catalog namespace\n');
  expect(await playground.run("kubectl wait --for=condition=Ready pod -n catalog -l app.kubernetes.io/component=mysql --timeout=30s")).toBe("pod/catalog-mysql-0 condition met\n");
  expect(await playground.run("kubectl get pods -n catalog -l app.kubernetes.io/component=mysql")).toMatch(/catalog-mysql-0 +1\/1 +Running +0 +\d+s\n$/);
  expect(await playground.run("kubectl exec catalog-mysql-0 -n catalog -- cat /var/lib/mysql/test.txt")).toBe("cat: /var/lib/mysql/test.txt: No such file or directory\ncommand terminated with exit code 1\n");
  await expect(disk).not.toContainText("/test.txt");
  await expect(page.locator('[data-part="lost-disk"]')).toContainText("/test.txt");
  await playground.expectAccessible();
});
