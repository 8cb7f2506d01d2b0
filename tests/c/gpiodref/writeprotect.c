/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The write-protect story (G2, G4) on a simulated chip. */
#include "fixtures.h"
#include "gpio/writeprotect.h"
