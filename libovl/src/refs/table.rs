// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table: which properties of the common bindings hold phandles, and what stands behind each of them.
//!
//! Properties of a single vendor ("rockchip,grf") are not in it: what they mean is known to their drivers only.

/// How the value of a property holds its references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Phandles, nothing else.
    Plain,
    /// One phandle, and behind it what the binding of the node says.
    First,
    /// Phandles, each with as many cells behind it as the property of this name in its target says; where the target has no
    /// such property, `or`.
    Args { cells: &'static str, or: Option<u32> },
    /// Entries of four cells, the second of which is a phandle.
    Map,
    /// Entries of a unit address and an interrupt of the child, a phandle, a unit address and an interrupt of the parent.
    InterruptMap,
}

const fn args(cells: &'static str) -> Form {
    Form::Args { cells, or: None }
}

const fn args_or(cells: &'static str, or: u32) -> Form {
    Form::Args { cells, or: Some(or) }
}

/// Sorted by name.
const NAMES: &[(&str, Form)] = &[
    ("access-controllers", args("#access-controller-cells")),
    ("assigned-clock-parents", args("#clock-cells")),
    ("assigned-clocks", args("#clock-cells")),
    ("backlight", Form::Plain),
    ("clocks", args("#clock-cells")),
    ("companion", Form::Plain),
    ("cooling-device", args("#cooling-cells")),
    ("cpu", Form::Plain),
    ("cpu-idle-states", Form::Plain),
    ("dais", Form::Plain),
    ("ddc-i2c-bus", Form::Plain),
    ("dmas", args("#dma-cells")),
    ("domain-idle-states", Form::Plain),
    ("ethernet", Form::Plain),
    ("extcon", Form::Plain),
    ("gpio", args("#gpio-cells")),
    ("gpio-ranges", args_or("#gpio-range-cells", 3)),
    ("gpios", args("#gpio-cells")),
    ("hwlocks", args("#hwlock-cells")),
    ("i2c-bus", Form::Plain),
    ("i2c-parent", Form::Plain),
    ("interconnects", args("#interconnect-cells")),
    ("interrupt-affinity", Form::Plain),
    ("interrupt-map", Form::InterruptMap),
    ("interrupt-parent", Form::Plain),
    ("interrupts-extended", args("#interrupt-cells")),
    ("io-backends", args("#io-backend-cells")),
    ("io-channels", args("#io-channel-cells")),
    ("iommu-map", Form::Map),
    ("iommus", args("#iommu-cells")),
    ("l2-cache", Form::Plain),
    ("leds", Form::Plain),
    ("link", Form::Plain),
    ("mboxes", args("#mbox-cells")),
    ("mdio-parent-bus", Form::Plain),
    ("memory-region", Form::Plain),
    ("mmc-pwrseq", Form::Plain),
    ("monitored-battery", Form::Plain),
    ("msi-map", Form::Map),
    ("msi-parent", args_or("#msi-cells", 0)),
    ("mux-controls", args("#mux-control-cells")),
    ("mux-states", args("#mux-state-cells")),
    ("nand-ecc-engine", Form::Plain),
    ("next-level-cache", Form::Plain),
    ("nvmem", Form::Plain),
    ("nvmem-cells", args_or("#nvmem-cell-cells", 0)),
    ("operating-points-v2", Form::Plain),
    ("panel", Form::Plain),
    ("pcs-handle", Form::Plain),
    ("performance-domains", args("#performance-domain-cells")),
    ("phy-handle", Form::Plain),
    ("phys", args("#phy-cells")),
    ("ports", Form::Plain),
    ("post-init-providers", Form::Plain),
    ("power-domains", args("#power-domain-cells")),
    ("power-supplies", Form::Plain),
    ("pses", args("#pse-cells")),
    ("pwms", args("#pwm-cells")),
    ("regmap", Form::First),
    ("remote-endpoint", Form::Plain),
    ("required-opps", Form::Plain),
    ("resets", args("#reset-cells")),
    ("sfp", Form::Plain),
    ("shmem", Form::Plain),
    ("simple-audio-card,aux-devs", Form::Plain),
    ("simple-audio-card,bitclock-master", Form::Plain),
    ("simple-audio-card,frame-master", Form::Plain),
    ("sound-dai", args("#sound-dai-cells")),
    ("sram", Form::Plain),
    ("syscon", Form::First),
    ("thermal-sensors", args("#thermal-sensor-cells")),
    ("trigger-sources", args("#trigger-source-cells")),
    ("trip", Form::Plain),
    ("usb-phy", Form::Plain),
    ("wakeup-parent", Form::Plain),
];

/// How a property of this name holds references; none if it holds none that are known.
pub(crate) fn form(name: &str) -> Option<Form> {
    if let Ok(found) = NAMES.binary_search_by_key(&name, |&(name, _)| name) {
        return Some(NAMES[found].1);
    }
    let pinctrl = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    if name.strip_prefix("pinctrl-").is_some_and(pinctrl) || name.ends_with("-supply") {
        return Some(Form::Plain);
    }
    // "nr-gpios" is how many there are.
    let gpios = (name.ends_with("-gpios") || name.ends_with("-gpio")) && !name.ends_with("nr-gpios");
    gpios.then_some(args("#gpio-cells"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn names_are_found_by_table_and_by_pattern() {
        assert_eq!(form("clocks"), Some(args("#clock-cells")));
        assert_eq!(form("vdd-supply"), Some(Form::Plain));
        assert_eq!(form("pinctrl-12"), Some(Form::Plain));
        assert_eq!(form("reset-gpios"), Some(args("#gpio-cells")));
        for none in
            ["reg", "clock-names", "pinctrl-names", "pinctrl-", "snps,nr-gpios", "ngpios", "rockchip,grf"]
        {
            assert_eq!(form(none), None, "{none}");
        }
    }
}
