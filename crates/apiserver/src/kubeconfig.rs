//! The file that lets kubectl find the server.

/// A kubeconfig whose one context is `petset`, for the server at `address` (`127.0.0.1:8001`).
pub fn text(address: &str) -> String {
    format!(
        "\
apiVersion: v1
kind: Config
clusters:
- name: petset
  cluster:
    server: http://{address}
contexts:
- name: petset
  context:
    cluster: petset
    user: admin
current-context: petset
users:
- name: admin
  user: {{}}
"
    )
}
