// SPDX-License-Identifier: MIT OR Apache-2.0
//! A difference as JSON: an object with "change", "path", and what else it has.

use super::Difference;
use crate::error::{Error, Result};
use crate::write::value_text;
use serde::{Serialize, Serializer};
use std::fmt::Write;

#[derive(Serialize)]
struct Line<'d> {
    change: &'static str,
    path: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (change, path, prop, of) = match self {
            Difference::NodeRemoved { path } => ("remove", path, None, None),
            Difference::NodeAdded { path } => ("add", path, None, None),
            Difference::PropRemoved { path, name, value } => ("remove", path, Some((name, value)), None),
            Difference::PropAdded { path, name, value } => ("add", path, Some((name, value)), None),
            Difference::Order { path, of } => ("order", path, None, Some(*of)),
        };
        let line = Line {
            change,
            path,
            of,
            property: prop.map(|(name, _)| name.as_str()),
            value: prop.map(|(_, value)| value_text(value)),
            bytes: prop.map(|(_, value)| hex(value)),
        };
        line.serialize(serializer)
    }
}

impl Difference {
    /// Differences as a JSON array of objects with "change" ("remove", "add", "order") and "path"; for a property also
    /// "property", its "value" as source, and its "bytes" in hexadecimal; for an order, "of" what.
    ///
    /// # Errors
    /// [`Error::Invalid`] never for what this library made.
    pub fn json(differences: &[Difference]) -> Result<String> {
        serde_json::to_string_pretty(differences).map_err(|error| Error::Invalid(error.to_string()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
