// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl get`: the value of a property, as what it is asked for.

use crate::input::{self, Input};
use crate::{json, save};
use cli_common::{output, Result};
use ovl::{Error, Node, Prop};
use serde_json::Value;

/// Print the value of a property, or all properties of a node
///
/// Without --type a value is printed as devicetree source: strings, cells or bytes, whichever it looks like.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl get / model --type string
  ovl get -i board.dtb serial0
  ovl get -i board.dtb --with hat.dtbo /soc/uart@9000 status
  ovl get -i board.dtb '&uart0' reg --type u32

Exit codes:
  0  the value is printed
  1  an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct Get {
    /// The node: a path, an alias, or a label as '&label'
    path: String,
    /// The property; all of them if it is not given
    prop: Option<String>,
    #[command(flatten)]
    input: Input,
    /// Print the value as this
    #[arg(long = "type", value_enum, requires = "prop")]
    kind: Option<Kind>,
    /// Write name, value, bytes and origin as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Numbers of 32 bits, decimal, separated by blanks
    U32,
    /// Numbers of 64 bits
    U64,
    /// Strings, a line each
    String,
    /// Bytes in hexadecimal, separated by blanks
    Bytes,
    /// The bytes themselves
    Raw,
}

impl Get {
    pub(crate) fn run(self) -> Result<bool> {
        let tree = self.input.tree()?;
        let node = input::node(&tree, &self.path)?;
        let Some(name) = &self.prop else {
            match self.json {
                true => output::json(&json::node(&tree, &node))?,
                false => output::text(&node.props().iter().map(line).collect::<String>())?,
            };
            return Ok(true);
        };
        let prop = node.prop(name)?;
        let typed = self.kind.map(|kind| typed(&node, &prop, kind)).transpose()?;
        if self.json {
            let mut described = json::prop(&tree, &prop);
            if let Some((_, value)) = typed {
                described["value"] = value;
            }
            output::json(&described)?;
        } else {
            match (self.kind, typed) {
                (Some(Kind::Raw), _) => save::binary(prop.data())?,
                (_, Some((text, _))) => output::text(&text)?,
                (_, None) => output::text(&format!("{}\n", ovl::value_text(prop.data())))?,
            };
        }
        Ok(true)
    }
}

/// A property of a list.
fn line(prop: &Prop) -> String {
    match prop.data() {
        [] => format!("{}\n", prop.name()),
        value => format!("{} = {}\n", prop.name(), ovl::value_text(value)),
    }
}

/// A value as text and as JSON.
fn typed(node: &Node, prop: &Prop, kind: Kind) -> ovl::Result<(String, Value)> {
    let name = prop.name();
    let cells = || {
        let mut cells = vec![0; node.count_u32(name)?];
        node.read_u32_array(name, &mut cells)?;
        Ok(cells)
    };
    Ok(match kind {
        Kind::U32 => numbers(cells()?),
        Kind::U64 => {
            let cells: Vec<u32> = cells()?;
            if !cells.len().is_multiple_of(2) {
                let len = prop.data().len();
                return Err(Error::Invalid(format!(
                    "{}: property \"{name}\": {len} bytes are not whole numbers of 64 bits",
                    node.path()
                )));
            }
            numbers(cells.chunks(2).map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1])).collect())
        }
        Kind::String => {
            let count = node.count_strings(name)?;
            let strings =
                (0..count).map(|i| node.read_string(name, i)).collect::<ovl::Result<Vec<String>>>()?;
            (strings.iter().map(|string| format!("{string}\n")).collect(), strings.into())
        }
        Kind::Bytes | Kind::Raw => (format!("{}\n", json::hex(prop.data(), " ")), prop.data().into()),
    })
}

fn numbers<N: ToString + Into<Value>>(numbers: Vec<N>) -> (String, Value) {
    let text = numbers.iter().map(N::to_string).collect::<Vec<_>>().join(" ");
    (format!("{text}\n"), numbers.into())
}
