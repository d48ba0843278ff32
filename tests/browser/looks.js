// The pictures as they should look: one moment of a session that stands still, each view in three looks.
//
// A picture is kept at half its size: small, and no finer than what two machines agree on. All text is set in the Korean font that set-up
// installs, Latin included, so that no line breaks elsewhere on another machine.
import { readFileSync } from "node:fs";
import { session } from "./links.js";

const lab3 = (name) => readFileSync(new URL(`../../crates/playground/lab3/${name}`, import.meta.url), "utf8");

/** Lab 3 in the middle: revisions, a kept claim, a pod that cannot be placed, bytes on disks, a broken thing. */
const commands = [
  "kubectl apply -f headless-service.yaml -f statefulset.yaml",
  "kubectl exec nginx-ss-0 -- sh -c 'echo hello > /usr/share/nginx/html/index.html'",
  "kubectl exec nginx-ss-1 -- curl -s nginx-ss-0.my-headless-svc",
  "kubectl create deployment crowd --image=nginx --replicas=2",
  "kubectl scale statefulset nginx-ss --replicas=2",
  "fault fill-disk data-nginx-ss-0",
  "kubectl apply -f lone.yaml",
  "kubectl delete pod nginx-ss-1",
];

/** No node is as it wants it: it waits, and time comes to rest. */
const lone = `apiVersion: v1
kind: Pod
metadata:
  name: lone
spec:
  nodeSelector:
    disk: fast
  containers:
    - name: c
      image: nginx
`;

const files = { "headless-service.yaml": lab3("headless-service.yaml"), "statefulset.yaml": lab3("statefulset.yaml"), "lone.yaml": lone };

/** The session, standing still. */
export const still = (view) => session(files, commands, { paused: true, view });

export const views = ["set", "twin", "timeline", "owners", "storage", "dns", "nodes", "events"];

export const looks = [
  { name: "wide", width: 1600, height: 900, language: "en", scheme: "light", forced: "none" },
  { name: "narrow-dark-ko", width: 360, height: 780, language: "ko", scheme: "dark", forced: "none" },
  { name: "forced", width: 1024, height: 768, language: "en", scheme: "light", forced: "active" },
];

export const FONT = "NanumGothic";
