//! What containers and pods ask for, and the class of service that follows from it.

use k8s_openapi::api::core::v1::{
    Container, ContainerStatus, Pod, PodSpec, PodStatus, ResourceFieldSelector,
    ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use petset_cluster::api::quantity::Amount;
use petset_cluster::sort;
use std::collections::BTreeMap;

/// Amounts by the name of the resource.
pub(super) type Amounts = BTreeMap<String, Amount>;

type Quantities = BTreeMap<String, Quantity>;

/// A quantity in its canonical form.
pub(super) fn amount_text(quantity: &Quantity) -> String {
    Amount::of(quantity).canonical()
}

/// The amount under `name`; zero if there is none.
pub(super) fn amount_of(amounts: &Amounts, name: &str) -> Amount {
    amounts
        .get(name)
        .copied()
        .unwrap_or_else(|| Amount::of(&Quantity("0".to_owned())))
}

/// Quantities as amounts.
pub(super) fn amounts(quantities: Option<&Quantities>) -> Amounts {
    let quantities = quantities.into_iter().flatten();
    sort::map(quantities.map(|(name, quantity)| (name.clone(), Amount::of(quantity))))
}

/// Adds each amount.
pub(super) fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        let total = sum.get(name).map_or(*amount, |known| known.plus(*amount));
        sum.insert(name.clone(), total);
    }
}

/// Keeps the greater of each amount.
fn raise(amounts: &mut Amounts, others: &Amounts) {
    for (name, amount) in others {
        if amounts
            .get(name)
            .is_none_or(|known| known.nano() < amount.nano())
        {
            amounts.insert(name.clone(), *amount);
        }
    }
}

/// Requests or limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What must be free on the node.
    Requests,
    /// What may be used at most.
    Limits,
}

impl Part {
    fn of(self, resources: Option<&ResourceRequirements>) -> Amounts {
        let quantities = resources.and_then(|resources| match self {
            Part::Requests => resources.requests.as_ref(),
            Part::Limits => resources.limits.as_ref(),
        });
        amounts(quantities)
    }
}

/// What a whole pod asks for. With `use_status`, what its containers were given counts too.
///
/// Upstream: `k8s.io/component-helpers/resource` (`PodRequests`, `PodLimits`).
pub(super) fn pod_amounts(pod: &Pod, part: Part, use_status: bool) -> Amounts {
    let Some(spec) = &pod.spec else {
        return Amounts::new();
    };
    let status = pod.status.as_ref().filter(|_| use_status);
    let mut total = Amounts::new();
    for container in &spec.containers {
        add(&mut total, &container_amounts(container, status, part));
    }
    let (mut sidecars, mut first) = (Amounts::new(), Amounts::new());
    for container in spec.init_containers.iter().flatten() {
        let mut needed = if container.restart_policy.as_deref() == Some("Always") {
            let own = container_amounts(container, status, part);
            add(&mut total, &own);
            add(&mut sidecars, &own);
            Amounts::new()
        } else {
            part.of(container.resources.as_ref())
        };
        add(&mut needed, &sidecars);
        raise(&mut first, &needed);
    }
    raise(&mut total, &first);
    for (name, amount) in part.of(spec.resources.as_ref()) {
        if is_pod_level(&name) {
            total.insert(name, amount);
        }
    }
    let mut overhead = amounts(spec.overhead.as_ref());
    if part == Part::Limits {
        overhead.retain(|name, _| amount_of(&total, name).nano() != 0);
    }
    add(&mut total, &overhead);
    total
}

fn container_amounts(container: &Container, status: Option<&PodStatus>, part: Part) -> Amounts {
    let asked = part.of(container.resources.as_ref());
    let given = status.and_then(|status| {
        let mut all = status
            .container_statuses
            .iter()
            .chain(&status.init_container_statuses)
            .flatten();
        let found: Option<&ContainerStatus> = all.find(|one| one.name == container.name);
        found
            .filter(|found| found.resources.is_some())
            .map(|found| (status, found))
    });
    let Some((status, given)) = given else {
        return asked;
    };
    let mut conditions = status.conditions.iter().flatten();
    let infeasible = conditions
        .find(|condition| condition.type_ == "PodResizePending")
        .is_some_and(|condition| condition.reason.as_deref() == Some("Infeasible"));
    let mut amounts_in_force = if infeasible { Amounts::new() } else { asked };
    raise(&mut amounts_in_force, &part.of(given.resources.as_ref()));
    if part == Part::Requests {
        raise(
            &mut amounts_in_force,
            &amounts(given.allocated_resources.as_ref()),
        );
    }
    amounts_in_force
}

fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_page(name)
}

/// Whether a resource is huge pages.
pub(super) fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// The class of service that the pod has been given, or else the one that its resources lead to.
///
/// Upstream: `k8s.io/kubectl/pkg/util/qos`.
pub(super) fn qos_class(spec: &PodSpec, status: &PodStatus) -> String {
    if let Some(class) = status.qos_class.as_ref().filter(|class| !class.is_empty()) {
        return class.clone();
    }
    let containers = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten());
    let all: Vec<Option<&ResourceRequirements>> = match &spec.resources {
        Some(resources) => vec![Some(resources)],
        None => containers
            .map(|container| container.resources.as_ref())
            .collect(),
    };
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    let mut guaranteed = true;
    for resources in all {
        let (asked, most) = (
            counted(Part::Requests.of(resources)),
            counted(Part::Limits.of(resources)),
        );
        guaranteed &= most.len() == 2;
        add(&mut requests, &asked);
        add(&mut limits, &most);
    }
    let equal = requests.len() == limits.len()
        && requests.iter().all(|(name, asked)| {
            limits
                .get(name)
                .is_some_and(|most| most.nano() == asked.nano())
        });
    if requests.is_empty() && limits.is_empty() {
        "BestEffort".to_owned()
    } else if guaranteed && equal {
        "Guaranteed".to_owned()
    } else {
        "Burstable".to_owned()
    }
}

/// The amounts that decide the class.
fn counted(mut amounts: Amounts) -> Amounts {
    amounts.retain(|name, amount| matches!(name.as_str(), "cpu" | "memory") && amount.nano() > 0);
    amounts
}

/// What a container's environment is told of its resources; `None` for a resource that is unknown.
///
/// Upstream: `k8s.io/kubectl/pkg/util/resource` (`ExtractContainerResourceValue`).
pub(super) fn container_resource(
    field: &ResourceFieldSelector,
    container: &Container,
) -> Option<String> {
    let (part, name) = match field.resource.split_once('.')? {
        ("limits", name) => (Part::Limits, name),
        ("requests", name) => (Part::Requests, name),
        _ => return None,
    };
    if !matches!(name, "cpu" | "memory" | "ephemeral-storage") && !is_huge_page(name) {
        return None;
    }
    let amount = amount_of(&part.of(container.resources.as_ref()), name);
    let unit = |amount: Amount| {
        if name == "cpu" {
            amount.milli()
        } else {
            amount.value()
        }
    };
    let divisor = field
        .divisor
        .as_ref()
        .map(Amount::of)
        .filter(|divisor| divisor.nano() != 0);
    let one = || Amount::of(&Quantity("1".to_owned()));
    let divisor = unit(divisor.unwrap_or_else(one));
    let value = unit(amount);
    let whole = value.checked_div_euclid(divisor)?;
    let rest = value.checked_rem_euclid(divisor)?;
    Some((whole + i128::from(rest != 0)).to_string())
}
