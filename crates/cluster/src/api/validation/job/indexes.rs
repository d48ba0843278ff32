//! Limits of failures for each index, success policies, and other controllers' jobs.

use super::{IMMUTABLE, is_indexed, names, not_negative, workload};
use crate::api::field::{Errors, Path};
use crate::api::internal;
use k8s_openapi::api::batch::v1::{JobSpec, SuccessPolicy, SuccessPolicyRule};
use serde_json::json;

const MAX_FAILED_INDEXES: i32 = 100_000;
const COMPLETIONS_SOFT_LIMIT: i32 = 100_000;
const MAX_OF_HIGH_COMPLETIONS: i32 = 10_000;
const MAX_MANAGED_BY_LENGTH: usize = 63;
const MAX_SUCCESS_POLICY_RULES: usize = 20;
const MAX_SUCCEEDED_INDEXES_LENGTH: usize = 64 * 1024;
const NEEDS_INDEXES: &str = "requires indexed completion mode";

/// `backoffLimitPerIndex` and `maxFailedIndexes`.
pub(super) fn limits(spec: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    let limit_field = path.child("backoffLimitPerIndex");
    let most_field = path.child("maxFailedIndexes");
    let (limit, most) = (spec.backoff_limit_per_index, spec.max_failed_indexes);
    if most.is_some() && limit.is_none() {
        errors.required(&limit_field, "when maxFailedIndexes is specified");
    }
    if !is_indexed(spec) {
        for (value, field) in [(limit, &limit_field), (most, &most_field)] {
            if let Some(value) = value {
                errors.invalid(field, &value, NEEDS_INDEXES);
            }
        }
        return;
    }
    let completions = spec.completions.unwrap_or(i32::MAX);
    if let Some(most) = most.filter(|most| *most > completions) {
        let why = "must be less than or equal to completions";
        errors.invalid(&most_field, &most, why);
    }
    if let Some(most) = most.filter(|most| *most > MAX_FAILED_INDEXES) {
        let why = format!("must be less than or equal to {MAX_FAILED_INDEXES}");
        errors.invalid(&most_field, &most, &why);
    }
    if limit.is_none() || spec.completions.is_none() || completions <= COMPLETIONS_SOFT_LIMIT {
        return;
    }
    if most.is_none() {
        let why = format!("must be specified when completions is above {COMPLETIONS_SOFT_LIMIT}");
        errors.required(&most_field, &why);
    }
    let parallelism = path.child("parallelism");
    for (value, field) in [(spec.parallelism, &parallelism), (most, &most_field)] {
        if let Some(value) = value.filter(|value| *value > MAX_OF_HIGH_COMPLETIONS) {
            let why = format!(
                "must be less than or equal to {MAX_OF_HIGH_COMPLETIONS} when completions are above {COMPLETIONS_SOFT_LIMIT} and used with backoff limit per index"
            );
            errors.invalid(field, &value, &why);
        }
    }
}

/// `managedBy`, a name with a domain before it.
pub(super) fn manager(spec: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    let Some(manager) = spec.managed_by.as_deref() else {
        return;
    };
    let field = path.child("managedBy");
    let parts = manager.split_once('/');
    match parts.filter(|(host, rest)| !host.is_empty() && !rest.is_empty()) {
        None if manager.is_empty() => errors.required(&field, ""),
        None => {
            let why = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            errors.invalid(&field, manager, why);
        }
        Some((host, rest)) => {
            for why in names::dns1123_subdomain(host) {
                errors.invalid(&field, host, &why);
            }
            let fits = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:".contains(c);
            if !rest.chars().all(fits) {
                let why = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
                errors.invalid(&field, rest, why);
            }
        }
    }
    if manager.len() > MAX_MANAGED_BY_LENGTH {
        errors.too_long(&field, MAX_MANAGED_BY_LENGTH);
    }
}

/// `successPolicy`.
pub(super) fn success_policy(spec: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    let Some(policy) = &spec.success_policy else {
        return;
    };
    let field = path.child("successPolicy");
    if !is_indexed(spec) {
        errors.invalid(&field, &shown(policy), NEEDS_INDEXES);
        return;
    }
    let rules = field.child("rules");
    let count = policy.rules.len();
    if count == 0 {
        let why = "at least one rules must be specified when the successPolicy is specified";
        errors.required(&rules, why);
    }
    if count > MAX_SUCCESS_POLICY_RULES {
        errors.too_many(&rules, count, MAX_SUCCESS_POLICY_RULES);
    }
    for (at, rule) in policy.rules.iter().enumerate() {
        let completions = spec.completions.unwrap_or(0);
        success_rule(rule, completions, &rules.index(at), errors);
    }
}

fn success_rule(rule: &SuccessPolicyRule, completions: i32, path: &Path<'_>, errors: &mut Errors) {
    if rule.succeeded_count.is_none() && rule.succeeded_indexes.is_none() {
        let why = "at least one of succeededCount or succeededIndexes must be specified";
        errors.required(path, why);
    }
    let mut total = 0;
    if let Some(indexes) = &rule.succeeded_indexes {
        let field = path.child("succeededIndexes");
        if indexes.len() > MAX_SUCCEEDED_INDEXES_LENGTH {
            errors.too_long(&field, MAX_SUCCEEDED_INDEXES_LENGTH);
        }
        match count_indexes(indexes, completions) {
            Ok(count) => total = count,
            Err(why) => {
                let why = format!("error parsing succeededIndexes: {why}");
                errors.invalid(&field, indexes, &why);
            }
        }
    }
    let Some(count) = rule.succeeded_count else {
        return;
    };
    let field = path.child("succeededCount");
    not_negative(&count, &field, errors);
    if count > completions {
        let why = format!(
            "must be less than or equal to {completions} (the number of specified completions)"
        );
        errors.invalid(&field, &count, &why);
    }
    if rule.succeeded_indexes.is_some() && count > total {
        let why = format!(
            "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        );
        errors.invalid(&field, &count, &why);
    }
}

/// How many indexes a text such as `0,2-4` names.
fn count_indexes(text: &str, completions: i32) -> Result<i32, String> {
    let index = |text: &str| {
        let index = text
            .parse::<i32>()
            .map_err(|_| format!("cannot convert string to integer for index: {text:?}"))?;
        match index >= completions {
            true => Err(format!("too large index: {text:?}")),
            false => Ok(index),
        }
    };
    let order = |before: i32, now: i32| match before >= now {
        true => Err(format!(
            "non-increasing order, previous: {before}, current: {now}"
        )),
        false => Ok(()),
    };
    let (mut last, mut total) = (None, 0_i32);
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let mut limits = part.split('-');
        let first = limits.next().unwrap_or_default();
        let second = limits.next();
        if limits.next().is_some() {
            return Err(format!(
                "the fragment {part:?} violates the requirement that an index interval can have at most two parts separated by '-'"
            ));
        }
        let from = index(first)?;
        let to = match second {
            None => from,
            Some(second) => {
                let to = index(second)?;
                order(from, to)?;
                to
            }
        };
        last.map_or(Ok(()), |last| order(last, from))?;
        total = total
            .saturating_add(to.saturating_sub(from))
            .saturating_add(1);
        last = Some(to);
    }
    Ok(total)
}

/// Changes of fields that stay as they are.
pub(super) fn unchanged(new: &JobSpec, old: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    if new.backoff_limit_per_index != old.backoff_limit_per_index {
        let value = json!(new.backoff_limit_per_index);
        errors.invalid(&path.child("backoffLimitPerIndex"), &value, IMMUTABLE);
    }
    if new.managed_by != old.managed_by {
        let value = json!(new.managed_by);
        errors.invalid(&path.child("managedBy"), &value, IMMUTABLE);
    }
    if new.success_policy != old.success_policy {
        let value = new.success_policy.as_ref().map(shown);
        let value = value.unwrap_or_else(|| workload::Verbatim("null".to_owned()));
        errors.invalid(&path.child("successPolicy"), &value, IMMUTABLE);
    }
}

/// A policy in the notation of the API server's own structs.
fn shown(policy: &SuccessPolicy) -> workload::Verbatim {
    workload::Verbatim(internal::compact(internal::SUCCESS_POLICY, policy))
}
