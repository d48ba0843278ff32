import { deflateSync, inflateSync } from "node:zlib";

// One link of each version that was ever given away. They must open for ever: add, never change.
export const links = {
  /** Lab 3's set with two pods, the picture of the disks in front. */
  v1: "v1.eJztVt9r2zAQ_leEnu0mTkfXCfZU2Bi0XVjL9pCEcZUviagsabpz2lLyvw_ZSZykHqxvY1Qvtu_Hd_fd6Q4_yxVGMt5JVWSSEMvmZW4sklSTiVwilBaJcsK4MhpPnqCyMpMQzPfWU4lVMXX3xpVK3LRGU1chQwkMauqEcFChEtVT3oGt9NRRQN3ota2JMX4ZK3HtHSYRoUXNPjZ6ISAEJdzCuMecKImCj0wbZS5C9Oy1t0rcXoxbYWuixPlw-80QF8jjnVTOsokkBsZ5bQm5jxmEQIM9ehvrG-Reil2GO26bsl03-qk8LoJMNhGDNRpIidMe7hWwXl7CHdot4Z56MFbBAuPWZz-3dOyhfw-CELuc09HeMRiHsXPK91l2SKaCxVaqipNR0an2u9Qi7GDHR90RYuVtXeGVr92RTxs10emkQlTJcAy8VGJQUxzQEiIOmiwGS65ssm0hLyyY6nZToBY6f1mh4ygH1QCtkejKl0hKTMRUfkMof0TD-NVpnEox21oS-wiLFJNo23RicCXEsu12OhHJ11HjPtGIv2qkA-47OCWKzyZd2VkmjQs1p-F8lsA_a5JqmEk2-r59a9RSPctPxmJ6JmJS_XGQGR9Zqv9hntfrdfa6mvRMf0853pbA2xL4l5bAX9zzS-Oae84YK-PANlrbCOV9fYeabWq-fRL5XPRuhqR4MR4HkT8Mz8-Hwy5-MXz3ygxIg8X9KLu7KPJ8Ow8fR4dhi1FxdnYQ93T0yrgLZBF8SQl4lknnHzbIo9ER8vtMBqgp_RXNwRJmkkL7j3QyzOTK4EOKNW-2St82CUZzHVtl00O5Xv8GEHYNmA",
};

/** A fragment of the newest version, written by another program than the page's own. */
export const pack = (text) => `v1.${deflateSync(text).toString("base64url")}`;

/** A session with these files and commands, as a fragment. */
export const session = (files, commands = [], more = {}) => pack(JSON.stringify({ version: 1, files: Object.entries(files), commands, ...more }));

/** What a fragment holds. */
export const unpack = (fragment) => JSON.parse(inflateSync(Buffer.from(fragment.replace(/^.*#?v1\./, ""), "base64url")));
