/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The write-protect story (G2, G4) on a chip of the system. */
#include "board.h"
#include "gpio/writeprotect.h"
