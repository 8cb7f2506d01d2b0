// SPDX-License-Identifier: MIT OR Apache-2.0
//! Things of the library as JSON.

use ovl::{Error, Node, Param, ParamKind, ParamRule, ParamTarget, PlannedChange, Prop, Tree};
use serde_json::{json, Value};

/// What overlay brought it: its file, or null for the base.
fn origin(tree: &Tree, id: i32) -> Value {
    tree.overlay_name(id).ok().flatten().into()
}

/// A property: its value as source, and byte by byte.
pub(crate) fn prop(tree: &Tree, prop: &Prop) -> Value {
    json!({
        "name": prop.name(),
        "value": ovl::value_text(prop.data()),
        "bytes": hex(prop.data(), ""),
        "origin": origin(tree, prop.origin()),
    })
}

/// A node with its properties, without its children.
pub(crate) fn node(tree: &Tree, node: &Node) -> Value {
    json!({
        "name": node.name(),
        "path": node.path(),
        "phandle": match node.phandle() { 0 => Value::Null, phandle => phandle.into() },
        "origin": origin(tree, node.origin()),
        "properties": node.props().iter().map(|p| prop(tree, p)).collect::<Value>(),
    })
}

/// A node with everything in it.
pub(crate) fn subtree(tree: &Tree, from: &Node) -> Value {
    let mut value = node(tree, from);
    value["children"] = from.children().map(|child| subtree(tree, &child)).collect();
    value
}

/// What stands in the way of something.
pub(crate) fn problems(problems: &[Error]) -> Value {
    problems.iter().map(|error| json!({ "message": error.to_string(), "errno": error.errno() })).collect()
}

/// What an overlay does.
pub(crate) fn change(change: &PlannedChange) -> Value {
    let (what, path, name) = match change {
        PlannedChange::Attach { path } => return json!({ "change": "attach", "path": path }),
        PlannedChange::Add { path, name } => ("add", path, name),
        PlannedChange::Update { path, name } => ("update", path, name),
    };
    json!({ "change": what, "path": path, "property": name })
}

/// A parameter with what it sets.
pub(crate) fn param(param: &Param) -> Value {
    json!({ "name": param.name, "targets": param.targets.iter().map(target).collect::<Value>() })
}

fn target(target: &ParamTarget) -> Value {
    let ParamTarget { kind, node, property, rule } = target;
    if *kind == ParamKind::Fragments {
        return json!({ "kind": "fragments", "operations": property });
    }
    let mut value = json!({ "kind": kind.to_string(), "node": node, "property": property });
    if let ParamKind::Integer { offset, .. } = kind {
        value["offset"] = (*offset).into();
    }
    match rule {
        ParamRule::Given => {}
        ParamRule::Fixed(fixed) => value["value"] = fixed.as_str().into(),
        ParamRule::Table(entries) => {
            let entries = entries.iter().map(|entry| json!({ "key": entry.key, "value": entry.value }));
            value["table"] = entries.collect();
        }
    }
    value
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}
