// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What libfdt makes of a base and an overlay.

#ifndef TESTS_CORPUS_MERGE_H
#define TESTS_CORPUS_MERGE_H

#include <libfdt.h>

#include "oracle.h"

// What a merge may add beyond the overlay's own size: paths in /__symbols__ become longer.
enum { ROOM = 65536 };

// The base with the overlay merged into it, or an error of libfdt; free() it in either case.
static struct blob merge(const struct blob *base, const struct blob *overlay, int *error)
{
    struct blob out = { .size = base->size + overlay->size + ROOM };
    out.data = malloc(out.size);
    // libfdt writes into the overlay as well.
    void *copy = malloc(overlay->size);
    if (!out.data || !copy)
        die("malloc");
    memcpy(copy, overlay->data, overlay->size);
    *error = fdt_open_into(base->data, out.data, (int)out.size);
    if (!*error)
        *error = fdt_overlay_apply(out.data, copy);
    if (*error == -FDT_ERR_NOSPACE)
        die("ROOM is too small");
    if (!*error)
        *error = fdt_pack(out.data);
    free(copy);
    out.size = *error ? 0 : fdt_totalsize(out.data);
    return out;
}

#endif
