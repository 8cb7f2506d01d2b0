// SPDX-License-Identifier: MIT OR Apache-2.0
//! PLACEHOLDER
use crate::chip::Chip;
use crate::error::Result;
pub(crate) struct Hog;
impl Hog {
    pub(crate) fn new(_chip: &Chip, _offset: u32, _name: &str, _value: bool) -> Result<Self> {
        Ok(Hog)
    }
}
