/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/migrating without a chip; with one, beside those of libgpiod, they are in tests/kernel/migrating.c. */
#include <gpiodref.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "tap.h"

#define LIBRARY "gpiodref"
#include "examples.h"

TEST("the examples from_libgpiod give up where there is no such line or chip")
{
	ok_int(run(EXAMPLE("from_libgpiod_copy") "'no such line' LED 2>&1"), 1);
	ok_str(said, "copy: no line of any chip is called \"no such line\"\n");
	ok_int(run(EXAMPLE("from_libgpiod_edges") "'no such line' 2>&1"), 1);
	ok_str(said, "edges: no line of any chip is called \"no such line\"\n");
	ok_int(run(EXAMPLE("from_libgpiod_bus") "'no such chip' 5 2>&1"), 1);
	ok_contains(said, "bus: ");
	ok_contains(said, "no such chip");
	ok_int(run(EXAMPLE("from_libgpiod_edges") "2>&1"), 1);
	ok_str(said, "usage: from_libgpiod_edges LINE\n");
}
