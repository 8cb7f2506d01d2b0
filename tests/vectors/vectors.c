// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Runs overlay sequences through libovl in its Linux modes, and compares every return code and every tree with
// what Linux gave (linux-overlay/README.md explains the files). Prints TAP, one line per case.
//
//     vectors CASES BLOBS
//
// CASES holds the case folders; BLOBS has the compiled overlays under the same names, and base.dtb.

#include <dirent.h>
#include <limits.h>

#include "oracle.h"

enum { MAX_OVERLAYS = 64 };

// The case that is being run.
static struct {
    const char *name;
    int step;
} now;

static char *next_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');
    if (!*line)
        return NULL;
    *text = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    return line;
}

static bool same_hex(const unsigned char *data, size_t len, const char *hex)
{
    if (strlen(hex) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1 || byte != data[i])
            return false;
    }
    return true;
}

static bool has_prop(ovl_node *node, const char *path, const char *name, const char *hex)
{
    ovl_prop *prop = ovl_node_prop(node, name);
    if (!prop)
        return fail("%s has no property %s", path, name);
    size_t len;
    const void *data = ovl_prop_data(prop, &len);
    bool same = same_hex(data, len, hex) || fail("%s:%s is not %s", path, name, hex);
    ovl_prop_put(prop);
    return same;
}

// A node by its exact path: the look-up by path alone would also take a name without its unit address.
static ovl_node *exact_node(ovl_tree *tree, const char *path)
{
    char found[PATH_MAX];
    ovl_node *node = ovl_node_by_path(tree, path);
    if (node && (ovl_node_path(node, found, sizeof found) < 0 || strcmp(found, path))) {
        ovl_node_put(node);
        node = NULL;
    }
    return node;
}

// Compares the tree with the lines up to the next STEP: everything expected is there, and as many things as expected.
static bool same_tree(ovl_tree *tree, char **text)
{
    struct count want = { 0, 0 };
    const char *path = "/";
    ovl_node *node = NULL;
    bool same = true;

    while (same && **text && strncmp(*text, "STEP ", 5)) {
        char *line = next_line(text);
        if (line[0] == 'N') {
            path = line[2] ? line + 2 : "/";
            ovl_node_put(node);
            node = exact_node(tree, path);
            same = node || fail("no node %s", path);
            want.nodes++;
        } else {
            char *name = line + 2, *hex = strchr(name, ' ');
            *hex++ = '\0';
            if (!strcmp(name, "name"))
                continue;
            same = has_prop(node, path, name, hex);
            want.props++;
        }
    }
    ovl_node_put(node);
    if (!same)
        return false;
    struct count have = count_tree(tree, "name");
    return (have.nodes == want.nodes && have.props == want.props) ||
           fail("%u nodes and %u properties, not %u and %u", have.nodes, have.props, want.nodes, want.props);
}

static int apply(ovl_tree *tree, const char *blobs, unsigned overlay, int *id)
{
    const struct ovl_apply_options options = { .size = sizeof options, .flags = OVL_APPLY_LINUX };
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s/o%u.dtbo", blobs, now.name, overlay);
    struct blob blob = read_file(path);
    int ret = ovl_overlay_apply(tree, blob.data, blob.size, &options, id);
    free(blob.data);
    return ret;
}

// One line "STEP verb name ret" and the tree after it.
static bool run_step(ovl_tree *tree, const char *blobs, const char *line, char **text, int ids[MAX_OVERLAYS])
{
    char verb[16];
    unsigned overlay;
    int want, ret;

    if (sscanf(line, "STEP %15s o%u %d", verb, &overlay, &want) != 3 || overlay >= MAX_OVERLAYS)
        return fail("expected.txt: not a step: %s", line);
    struct blob before = flatten(tree);
    if (!strcmp(verb, "apply")) {
        int id = 0;
        ret = apply(tree, blobs, overlay, &id);
        if (ret == 0)
            ids[overlay] = id;
    } else {
        ret = ovl_overlay_remove(tree, ids[overlay], OVL_REMOVE_LINUX);
    }
    const char *reason = ret ? ovl_last_error() : "no error";
    bool good = ret == want || fail("%s o%u gave %d, not %d (%s)", verb, overlay, ret, want, reason);
    struct blob after = flatten(tree);
    if (ret && !same_blob(&before, &after))
        good = fail("%s o%u failed and left traces", verb, overlay);
    ovl_free(after.data);
    ovl_free(before.data);
    return good && same_tree(tree, text);
}

// `expected.txt` is to tell the steps of the case, from the first on and all of them unless an apply fails.
static bool tells_the_steps(char *expected, char *steps)
{
    char *step, *line;
    int ret = 0;

    while ((step = next_line(&steps)) && ret == 0) {
        do
            line = next_line(&expected);
        while (line && strncmp(line, "STEP ", 5));
        size_t len = strlen(step);
        if (!line || strncmp(line + 5, step, len) || line[5 + len] != ' ')
            return fail("expected.txt does not tell the step: %s", step);
        if (step[0] == 'a')
            ret = atoi(line + 5 + len);
    }
    return true;
}

static bool run_case(const char *cases, const char *blobs, const struct blob *base)
{
    char path[PATH_MAX];
    int ids[MAX_OVERLAYS];

    snprintf(path, sizeof path, "%s/%s/steps", cases, now.name);
    char *steps = read_file(path).data;
    snprintf(path, sizeof path, "%s/%s/expected.txt", cases, now.name);
    char *expected = read_file(path).data, *copy = read_file(path).data;
    bool good = tells_the_steps(copy, steps);
    free(steps);
    free(copy);

    // An id that no overlay has stands for the overlays that were never applied.
    for (int i = 0; i < MAX_OVERLAYS; i++)
        ids[i] = INT_MAX;
    ovl_tree *tree = ovl_tree_from_fdt(base->data, base->size, 0);
    if (!tree)
        good = fail("the base is refused: %s", ovl_last_error());
    for (char *text = expected, *line; good && (line = next_line(&text)); now.step++)
        good = run_step(tree, blobs, line, &text, ids);
    if (good && now.step == 0)
        good = fail("no steps");
    ovl_tree_put(tree);
    free(expected);
    return good;
}

static int is_case(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && !strchr(entry->d_name, '.');
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: vectors CASES BLOBS\n");
        return 2;
    }
    struct dirent **entries;
    int cases = scandir(argv[1], &entries, is_case, alphasort), good = 0, steps = 0;
    if (cases <= 0)
        die(argv[1]);

    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/base.dtb", argv[2]);
    struct blob base = read_file(path);

    printf("1..%d\n", cases);
    for (int i = 0; i < cases; i++) {
        now.name = entries[i]->d_name;
        now.step = 0;
        if (run_case(argv[1], argv[2], &base)) {
            printf("ok %d - %s\n", i + 1, now.name);
            good++;
        } else {
            printf("not ok %d - %s\n# step %d: %s\n", i + 1, now.name, now.step, failure);
        }
        steps += now.step;
        free(entries[i]);
    }
    free(entries);
    free(base.data);
    printf("# %d of %d cases as in Linux, %d steps\n", good, cases, steps);
    return good == cases ? 0 : 1;
}
