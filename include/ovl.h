/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libovl: a live devicetree, to which overlays can be applied and from which they can be removed again, with nodes
 * and properties that stay valid exactly as long as somebody holds them.
 *
 * Conventions, common to all functions:
 *
 * - An int result is 0 (or a count, where the function says so) or a negative errno. A pointer result is NULL with
 *   errno set. The sentence behind the last error of this thread is ovl_last_error().
 * - Every function that returns a counted object (ovl_tree, ovl_node, ovl_prop) gives the caller a
 *   reference, to be dropped with the matching _put(), unless it is documented as borrowed. _get() returns its
 *   argument. Both accept NULL.
 * - NULL where an object is required is -EINVAL. Unknown flags are -EINVAL.
 * - Every function may be called from any thread, on shared objects, unless it says otherwise.
 * - Callbacks run without locks of the library held and may call back into it. They must return in the ordinary way:
 *   longjmp() out of a callback is not supported.
 *
 * Written by `cargo xtask headers` from libovl/src/capi. Do not edit.
 */

#ifndef OVL_H
#define OVL_H

#include <stddef.h>
#include <stdint.h>

/**
 * probe of struct ovl_driver_ops: something is missing that may come. The device is probed again when another one has been bound.
 */
#define OVL_PROBE_DEFER 1

/**
 * ovl_changeset_entry(): a node comes into the tree.
 */
#define OVL_ACTION_ATTACH 1

/**
 * ovl_changeset_entry(): a node goes.
 */
#define OVL_ACTION_DETACH 2

/**
 * ovl_changeset_entry(): a property comes.
 */
#define OVL_ACTION_ADD 3

/**
 * ovl_changeset_entry(): a property goes.
 */
#define OVL_ACTION_REMOVE 4

/**
 * ovl_changeset_entry(): a property gets another value.
 */
#define OVL_ACTION_UPDATE 5

/**
 * ovl_event_kind(): something is about to be applied. An error refuses.
 */
#define OVL_EVENT_PRE_APPLY 1

/**
 * ovl_event_kind(): it has been applied.
 */
#define OVL_EVENT_POST_APPLY 2

/**
 * ovl_event_kind(): it is not applied, though OVL_EVENT_PRE_APPLY said so.
 */
#define OVL_EVENT_ABORT_APPLY 3

/**
 * ovl_event_kind(): something is about to be removed or reverted. An error refuses.
 */
#define OVL_EVENT_PRE_REMOVE 4

/**
 * ovl_event_kind(): it has been removed or reverted.
 */
#define OVL_EVENT_POST_REMOVE 5

/**
 * ovl_event_kind(): it is not removed, though OVL_EVENT_PRE_REMOVE said so.
 */
#define OVL_EVENT_ABORT_REMOVE 6

/**
 * ovl_event_kind(): a node has come into the tree.
 */
#define OVL_EVENT_ATTACH_NODE 7

/**
 * ovl_event_kind(): a node has gone.
 */
#define OVL_EVENT_DETACH_NODE 8

/**
 * ovl_event_kind(): a property has come.
 */
#define OVL_EVENT_ADD_PROP 9

/**
 * ovl_event_kind(): a property has gone.
 */
#define OVL_EVENT_REMOVE_PROP 10

/**
 * ovl_event_kind(): a property has got another value.
 */
#define OVL_EVENT_UPDATE_PROP 11

/**
 * ovl_event_state_change(): the device that the node may stand for has come.
 */
#define OVL_STATE_ADDED 1

/**
 * ovl_event_state_change(): it has gone.
 */
#define OVL_STATE_REMOVED 2

/**
 * ovl_overlay_apply(): exactly Linux's result and return code, with its defects.
 */
#define OVL_APPLY_LINUX 1

/**
 * ovl_overlay_apply(): the result of libfdt's fdt_overlay_apply(): fragments merge, the last one wins.
 */
#define OVL_APPLY_LIBFDT 2

/**
 * ovl_overlay_remove(): refuse as Linux does, where a later overlay touches anything at, above or below.
 */
#define OVL_REMOVE_LINUX 1

/**
 * ovl_tree_to_dts_with(): nodes and properties sorted by name, for comparing.
 */
#define OVL_DTS_SORTED 1

/**
 * ovl_tree_to_dts_with(): a comment at each node and value that an overlay brought.
 */
#define OVL_DTS_ORIGINS 2

/**
 * ovl_tree_diff(): the same nodes and properties in another order are no difference.
 */
#define OVL_DIFF_ANY_ORDER 1

/**
 * ovl_tree_diff(): other numbers for phandles are no difference, where the references lead to the same paths.
 */
#define OVL_DIFF_ANY_PHANDLES 2

/**
 * ovl_tree_diff(): the text is JSON.
 */
#define OVL_DIFF_JSON 4

/**
 * ovl_tree_diff_overlay(): nodes that the second tree lacks are disabled by their status; properties are refused.
 */
#define OVL_DIFF_OVERLAY_DISABLE 1

/**
 * ovl_tree_diff_overlay(): what the second tree lacks stays as it is.
 */
#define OVL_DIFF_OVERLAY_KEEP 2

/**
 * Drivers, and the devices of some nodes of a tree. Counted: ovl_bus_get(), ovl_bus_put().
 */
typedef struct ovl_bus ovl_bus;

/**
 * Changes that are checked, applied and reverted as one. Counted: ovl_changeset_get(), ovl_changeset_put().
 */
typedef struct ovl_changeset ovl_changeset;

/**
 * A device that a bus made of a node. Counted: ovl_device_get(), ovl_device_put().
 */
typedef struct ovl_device ovl_device;

/**
 * What a listener is told. Valid during the call.
 */
typedef struct ovl_event ovl_event;

/**
 * A node of a live devicetree. Counted: ovl_node_get(), ovl_node_put().
 */
typedef struct ovl_node ovl_node;

/**
 * A listener's registration. Not counted.
 */
typedef struct ovl_notifier ovl_notifier;

/**
 * A property with its value. Counted: ovl_prop_get(), ovl_prop_put().
 */
typedef struct ovl_prop ovl_prop;

/**
 * A live devicetree. Counted: ovl_tree_get(), ovl_tree_put().
 */
typedef struct ovl_tree ovl_tree;

/**
 * Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
 */
typedef void (*ovl_log_callback)(int level, const char *message, void *user_data);

/**
 * Frees user data. Runs exactly once, also when the call that it was given to fails.
 */
typedef void (*ovl_destroy)(void *user_data);

/**
 * What drives devices. Set it to zeros and \p size to its size; members may be added at its end. The table is copied.
 *
 * They are called from any thread that is in a call of the bus or changes the tree, several at a time but never for the same device,
 * without a lock of the library, and may call the library, whatever it is. The device is held during the call: to keep it, get it.
 */
typedef struct ovl_driver_ops {
  /**
   * sizeof(struct ovl_driver_ops)
   */
  size_t size;
  /**
   * A device is there for the driver. Returns 0 if it takes it, OVL_PROBE_DEFER, or a negative errno: then it is not tried again.
   * What was given to ovl_device_manage() is freed after a probe that did not return 0. Must be there.
   */
  int (*probe)(struct ovl_device *device, void *user_data);
  /**
   * A device that the driver took goes. Its node may have left the tree already. May be NULL.
   */
  void (*remove)(struct ovl_device *device, void *user_data);
  /**
   * An overlay is about to be removed that has the node of a device which the driver took. 0 agrees; a negative errno refuses
   * that. May be NULL.
   */
  int (*can_remove)(struct ovl_device *device, void *user_data);
  /**
   * The driver is not called any more: frees \p user_data. Called once, also where ovl_bus_add_driver() fails. May be NULL.
   */
  ovl_destroy destroy;
} ovl_driver_ops;

/**
 * A listener. Returns 0, or a negative errno.
 */
typedef int (*ovl_notifier_callback)(const struct ovl_event *event, void *user_data);

/**
 * How an overlay is applied. Set it to zeros and \p size to its size; members may be added at its end.
 */
typedef struct ovl_apply_options {
  /**
   * sizeof(struct ovl_apply_options)
   */
  size_t size;
  /**
   * 0, OVL_APPLY_LINUX or OVL_APPLY_LIBFDT
   */
  uint32_t flags;
  /**
   * Where each target-path starts, or NULL for the root. Borrowed for the call.
   */
  struct ovl_node *base;
  /**
   * What messages and lists call the overlay, or NULL. Copied.
   */
  const char *name;
} ovl_apply_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as "0.1.0".
 */
const char *ovl_version(void);

/**
 * The sentence behind the last error of this thread. It names what went wrong where: overlay, fragment, label, node,
 * property, offset.
 *
 * Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
 * that succeeds leaves it alone.
 */
const char *ovl_last_error(void);

/**
 * Frees what this library returned to be freed so; NULL is allowed.
 */
void ovl_free(void *memory);

/**
 * Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
 *
 * \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
 * this one any more.
 *
 * Returns 0.
 */
int ovl_set_log_callback(ovl_log_callback callback, void *user_data, ovl_destroy destroy);

/**
 * Remembers who takes references from now on: 0 nobody, 1 the tag (ovl_set_tag()) and thread of each taker, 2 a backtrace
 * too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
 *
 * Returns 0, or -EINVAL for another level.
 */
int ovl_set_tracking(uint32_t level);

/**
 * What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
 *
 * Returns 0, or -EINVAL if it is not UTF-8.
 */
int ovl_set_tag(const char *tag);

/**
 * Makes a bus without drivers and devices. It holds the tree.
 *
 * Its devices are probed in the order of the document, but what a device needs comes first: the device above it, and those that its
 * node, or one below without a device, refers to by the properties of the common bindings (clocks, gpios, interrupts, *-supply and
 * so on). Of devices that need one another in a circle the first in the document is probed first. Not waited for is what has no
 * driver, is disabled, or has failed; only nothing below a device that failed is probed. Devices are removed in the reverse order in
 * which they were bound; one that is bound and needs another one that leaves is removed before that, and tried again.
 *
 * Callbacks run on the thread whose call caused them. Nobody waits for one: what a call cannot do because a callback runs, in
 * this thread or another, is done by that thread when it has returned. ovl_bus_wait_idle() waits for that. While an overlay that
 * takes devices away is on its way out, none is probed; that comes when it is gone.
 *
 * Returns a reference (drop it with ovl_bus_put()), or NULL with errno: EINVAL a NULL argument.
 */
struct ovl_bus *ovl_bus_new(struct ovl_tree *tree);

/**
 * Takes another reference to a bus. Returns its argument; NULL is allowed.
 */
struct ovl_bus *ovl_bus_get(struct ovl_bus *bus);

/**
 * Drops a reference to a bus; NULL is allowed.
 *
 * With the last one it ends: it does not hear of the tree any more; its devices are removed; each driver is destroyed; the tree is
 * put. Devices that somebody holds stay readable until they are put.
 */
void ovl_bus_put(struct ovl_bus *bus);

/**
 * Adds the driver of what is compatible with \p compatible, in upper or lower case. Of the strings of a node, the first that has a
 * driver decides. Devices that are there and that nobody drives are probed. \p ops and \p compatible are copied. Costs a pass over
 * the devices.
 *
 * If this function fails, ops->destroy is called before it returns. (Not if the size of \p ops is not one: then the library does not
 * know it.)
 *
 * Returns 0, or -EBUSY the string has a driver; -EINVAL a NULL argument, a NULL ops->probe, or an empty string; -E2BIG \p ops is newer
 * than the library and has something set in it.
 */
int ovl_bus_add_driver(struct ovl_bus *bus,
                       const char *compatible,
                       const struct ovl_driver_ops *ops,
                       void *user_data);

/**
 * Takes a driver out. Its devices are removed, and probed by what other driver there is for them; then ops->destroy is called, if none
 * of its callbacks runs, or else when the last one has returned. Costs a pass over the devices.
 *
 * Returns 0, or -ENOENT the string has no driver; -EINVAL a NULL argument.
 */
int ovl_bus_remove_driver(struct ovl_bus *bus,
                          const char *compatible);

/**
 * Makes devices of the nodes below \p node, at any depth, that have "compatible" and are available, with all nodes between them and
 * \p node; and probes them. From now on what comes there is made a device too, by an overlay, a changeset or a "status" that becomes
 * "okay", and what goes is removed.
 *
 * What fails to probe is no error here: ovl_bus_unbound(). Costs a pass over what is below \p node, beside the probes.
 *
 * Returns 0, or -ENODEV \p node is not in the tree any more; -EINVAL a NULL argument or a node of another tree.
 */
int ovl_bus_populate(struct ovl_bus *bus,
                     struct ovl_node *node);

/**
 * Removes the devices of all nodes below \p node. From now on none is made there, also where the bus is populated further up.
 *
 * Returns 0, or the errors of ovl_bus_populate().
 */
int ovl_bus_unpopulate(struct ovl_bus *bus,
                       struct ovl_node *node);

/**
 * The device of a node. Costs one hash.
 *
 * Returns a reference (drop it with ovl_device_put()), or NULL with errno: ENOENT it has none on this bus, EINVAL a NULL argument.
 */
struct ovl_device *ovl_bus_device(struct ovl_bus *bus,
                                  struct ovl_node *node);

/**
 * The device behind \p prev, bound or not, in the order in which their nodes were found; NULL starts with the first. Puts \p prev, also
 * when it fails, so that a loop needs no put of its own. \p prev may have been removed.
 *
 * Returns a reference (drop it with ovl_device_put()), or NULL with errno: ENOENT no further device, EINVAL a NULL bus.
 */
struct ovl_device *ovl_bus_next_device(struct ovl_bus *bus,
                                       struct ovl_device *prev);

/**
 * Lists the devices that have a driver and are not bound to it, a line each with the reason: what they wait for, what they refer to
 * that is not there, or what their probe returned. On success *\p report is the caller's, to be freed with ovl_free(). Costs a pass
 * over the devices.
 *
 * Returns the number of lines, or -EINVAL for a NULL argument, -ENOMEM.
 */
int ovl_bus_unbound(struct ovl_bus *bus,
                    char **report);

/**
 * Waits until no callback of the bus runs, on any thread, and none is left to be called. A negative \p timeout_ms waits forever, 0
 * only asks.
 *
 * Returns 0, or -ETIMEDOUT; -EDEADLK a callback of the bus calls; -EINVAL a NULL argument.
 */
int ovl_bus_wait_idle(struct ovl_bus *bus,
                      int timeout_ms);

/**
 * Takes another reference to a device. Returns its argument; NULL is allowed. While the device is being freed, when there is none left:
 * NULL with errno ENODEV.
 */
struct ovl_device *ovl_device_get(struct ovl_device *device);

/**
 * Drops a reference to a device; NULL is allowed. The last one, on its thread and without a lock of the library, frees what
 * ovl_device_manage() bound, the last first, and puts the node.
 */
void ovl_device_put(struct ovl_device *device);

/**
 * The node of a device, which the device holds: it stays readable when both have been removed.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: EINVAL a NULL argument.
 */
struct ovl_node *ovl_device_node(struct ovl_device *device);

/**
 * The device of the next node above that has one, as it was when this one was probed.
 *
 * Returns a reference (drop it with ovl_device_put()), or NULL with errno: ENOENT none is above it, or it was not probed yet; EINVAL
 * a NULL argument.
 */
struct ovl_device *ovl_device_parent(struct ovl_device *device);

/**
 * Whether a driver has the device, since its probe has returned 0 and until its remove has returned: 1 or 0, at some moment; -EINVAL for
 * a NULL argument. What was removed is never bound again: its node gets another device.
 */
int ovl_device_is_bound(struct ovl_device *device);

/**
 * The compatible string by which the driver was found that has the device, or had it.
 *
 * Borrowed: valid as long as the caller holds \p device. NULL with errno: ENOENT it was never bound, EINVAL a NULL argument.
 */
const char *ovl_device_driver(struct ovl_device *device);

/**
 * What the driver keeps at the device: a pointer of its own that the library does not look at.
 *
 * Returns 0, or -EINVAL \p device is NULL.
 */
int ovl_device_set_data(struct ovl_device *device, void *data);

/**
 * What ovl_device_set_data() was given last, NULL before; NULL with errno EINVAL for a NULL argument.
 */
void *ovl_device_data(struct ovl_device *device);

/**
 * Binds a resource to the device: \p free is called with it once, when the device is freed, by whoever holds it last, and not when it is
 * removed; what was bound last is freed first. What a probe binds that does not return 0 is freed when it has returned. If this
 * function fails, \p free is called before it returns.
 *
 * Returns 0, or -EINVAL \p device or \p free is NULL.
 */
int ovl_device_manage(struct ovl_device *device,
                      void *resource,
                      ovl_destroy free);

/**
 * Makes an empty changeset for a tree: a list of changes that are checked, applied and reverted as one.
 *
 * It keeps what it refers to, and not the tree. It may be used by several threads.
 *
 * Returns a reference (drop it with ovl_changeset_put()), or NULL with errno: EINVAL for a NULL argument.
 */
struct ovl_changeset *ovl_changeset_new(struct ovl_tree *tree);

/**
 * Takes another reference to a changeset. Returns its argument; NULL is allowed.
 */
struct ovl_changeset *ovl_changeset_get(struct ovl_changeset *changeset);

/**
 * Drops a reference to a changeset; NULL is allowed.
 *
 * With the last one to a changeset that is applied, what it has changed stays for good, as if the tree had always been so: the
 * values that it replaced are freed as soon as nobody holds them, and so are the nodes that it detached.
 */
void ovl_changeset_put(struct ovl_changeset *changeset);

/**
 * Makes a node called \p name ("uart@9000"), to be attached as the last child of \p parent. With \p parent NULL it stays outside of the
 * tree until ovl_changeset_attach_node().
 *
 * *\p node, which may be NULL, is a reference to it (drop it with ovl_node_put()): for its properties and children.
 *
 * Returns 0, or -EINVAL a NULL argument, a name that no node can have, a parent of another tree, or a listener's view; -EBUSY the
 * changeset is applied; -ENOMEM. That there is such a node already is found by ovl_changeset_apply().
 */
int ovl_changeset_create_node(struct ovl_changeset *changeset,
                              struct ovl_node *parent,
                              const char *name,
                              struct ovl_node **node);

/**
 * Attaches a node as the last child of \p parent, with all that is below it: one that ovl_changeset_create_node() has made and that
 * is not in the tree, or one that this changeset detaches elsewhere. A parent has to be attached before its children.
 *
 * Returns 0, or -EINVAL a NULL argument, a node of another tree, another kind of node, or a listener's view; -EBUSY the changeset is
 * applied.
 */
int ovl_changeset_attach_node(struct ovl_changeset *changeset,
                              struct ovl_node *parent,
                              struct ovl_node *node);

/**
 * Detaches a node, with all that is below it. When the changeset is reverted it is where it was, whatever else has come or gone beside
 * it.
 *
 * Returns 0, or -EINVAL a NULL argument, a node of another tree, or a listener's view; -EBUSY the changeset is applied.
 */
int ovl_changeset_detach_node(struct ovl_changeset *changeset,
                              struct ovl_node *node);

/**
 * Adds a property with a value of \p len bytes, which are copied. It must not be there when the changeset is applied. \p data may be
 * NULL with \p len 0. Where a property of that name was removed, the new one has its place.
 *
 * Returns 0, or -EINVAL a NULL argument, a name that no property can have, a node of another tree, or a listener's view; -EBUSY the
 * changeset is applied; -E2BIG; -ENOMEM.
 */
int ovl_changeset_add_prop(struct ovl_changeset *changeset,
                           struct ovl_node *node,
                           const char *name,
                           const void *data,
                           size_t len);

/**
 * Gives a property another value. It must be there when the changeset is applied. As ovl_changeset_add_prop() otherwise.
 */
int ovl_changeset_update_prop(struct ovl_changeset *changeset,
                              struct ovl_node *node,
                              const char *name,
                              const void *data,
                              size_t len);

/**
 * Gives a property a value, whether it is there or not. As ovl_changeset_add_prop() otherwise.
 */
int ovl_changeset_set_prop(struct ovl_changeset *changeset,
                           struct ovl_node *node,
                           const char *name,
                           const void *data,
                           size_t len);

/**
 * Removes a property. It must be there when the changeset is applied. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_remove_prop(struct ovl_changeset *changeset, struct ovl_node *node, const char *name);

/**
 * Sets a property to one cell, whether it is there or not. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_set_u32(struct ovl_changeset *changeset, struct ovl_node *node, const char *name, uint32_t value);

/**
 * Sets a property to two cells that are one number. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_set_u64(struct ovl_changeset *changeset, struct ovl_node *node, const char *name, uint64_t value);

/**
 * Sets a property to \p n cells; \p values may be NULL with \p n 0. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_set_u32_array(struct ovl_changeset *changeset,
                                struct ovl_node *node,
                                const char *name,
                                const uint32_t *values,
                                size_t n);

/**
 * Sets a property to a string. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_set_string(struct ovl_changeset *changeset, struct ovl_node *node, const char *name, const char *value);

/**
 * Sets a property to a list of \p n strings; \p values may be NULL with \p n 0. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_set_strings(struct ovl_changeset *changeset,
                              struct ovl_node *node,
                              const char *name,
                              const char *const *values,
                              size_t n);

/**
 * Makes a property that means true by being there say what \p value says: other than 0 is true. Nothing is listed if it does
 * already. Errors are those of ovl_changeset_add_prop().
 */
int ovl_changeset_set_bool(struct ovl_changeset *changeset, struct ovl_node *node, const char *name, int value);

/**
 * Checks everything in a changeset, and applies all of it or nothing. Costs what is in the changeset.
 *
 * Listeners are told as of an overlay. While they are, the changeset is in progress, and cannot be added to, applied or reverted.
 *
 * Returns 0, or a negative errno with the tree as it was; ovl_last_error() names node and property: -EEXIST a node or property to
 * be added is there, or a phandle is another node's; -ENOENT a property to be updated or removed is not there; -ENODEV a node or a
 * parent is not in the tree, or the tree is gone; -EBUSY another changeset has detached the node and may put it back, this one is in
 * progress, or listeners and other threads thwart it again and again; -E2BIG nested too deep; -EINVAL it is applied already, a
 * phandle that is none, a NULL argument; what a listener refused with. If ovl_changeset_is_applied() says 1 then, a listener
 * failed when all was done, and nothing is undone.
 */
int ovl_changeset_apply(struct ovl_changeset *changeset);

/**
 * Reverts everything that a changeset has changed: content and order are what they would be without it. It can be added to and
 * applied again then.
 *
 * Nodes that it made keep what they have for those who hold them.
 *
 * Returns 0, or -EBUSY a later overlay or changeset depends on it, and ovl_last_error() names that and the node, or it is in
 * progress; -ENODEV the tree is gone, or the parent of a detached node is; -EINVAL it is not applied, or a NULL argument; what a
 * listener refused with. If ovl_changeset_is_applied() says 0 then, a listener failed when all was done, and nothing is undone.
 */
int ovl_changeset_revert(struct ovl_changeset *changeset);

/**
 * Whether the changeset is applied: 1 or 0, or -EINVAL for a NULL argument. Of a listener's view: whether what it shows is in the
 * tree.
 */
int ovl_changeset_is_applied(struct ovl_changeset *changeset);

/**
 * The id under which the changeset is applied, or was the last time: ovl_node_origin() and ovl_prop_origin() of what it brought.
 * Each time it is applied it gets another one, from the same numbers as overlays. 0 before, -EINVAL for a NULL argument.
 */
int ovl_changeset_id(struct ovl_changeset *changeset);

/**
 * Whether it shows an overlay, as a listener's view may: 1 or 0, or -EINVAL for a NULL argument.
 */
int ovl_changeset_is_overlay(struct ovl_changeset *changeset);

/**
 * Copies the name of the overlay that it shows into \p buf, with its NUL; empty if there is none. With \p buf NULL and \p size 0 only
 * the length is told.
 *
 * Returns the length without the NUL, or -ERANGE \p size is too small, -EINVAL a NULL argument.
 */
int ovl_changeset_name(struct ovl_changeset *changeset,
                       char *buf,
                       size_t size);

/**
 * How many entries a changeset has; 0 with errno EINVAL for a NULL argument. A listener's view has one for each node of what is
 * attached or detached with all that is below it.
 */
unsigned int ovl_changeset_count(struct ovl_changeset *changeset);

/**
 * The entry at \p index: what it does, or did when the changeset was applied.
 *
 * *\p action is OVL_ACTION_…, *\p node a reference to the node (drop it with ovl_node_put()), *\p now and *\p before are references to
 * the value that the property gets and the one that it had (drop them with ovl_prop_put()), or NULL. Each may be NULL.
 *
 * Returns 0, or -ENOENT no such entry, -EINVAL a NULL changeset.
 */
int ovl_changeset_entry(struct ovl_changeset *changeset,
                        unsigned int index,
                        uint32_t *action,
                        struct ovl_node **node,
                        struct ovl_prop **now,
                        struct ovl_prop **before);

/**
 * Takes another reference to a node. Returns its argument; NULL is allowed.
 */
struct ovl_node *ovl_node_get(struct ovl_node *node);

/**
 * Drops a reference to a node; NULL is allowed. With the last one to anything of a removed overlay, its memory is freed.
 */
void ovl_node_put(struct ovl_node *node);

/**
 * The parent.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT for the root and for a node that is not in
 * the tree any more, EINVAL a NULL argument.
 */
struct ovl_node *ovl_node_parent(struct ovl_node *node);

/**
 * The first child.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT if there is none or the node is not in the
 * tree any more, EINVAL a NULL argument.
 */
struct ovl_node *ovl_node_first_child(struct ovl_node *node);

/**
 * The next sibling. \p node is not put.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT if there is none or the node is not in the
 * tree any more, EINVAL a NULL argument.
 */
struct ovl_node *ovl_node_next_sibling(struct ovl_node *node);

/**
 * The child called \p name; its unit address may be left out where that is unambiguous. Costs one hash.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such child, EINVAL a NULL argument or an
 * ambiguous name, ENODEV the node is not in the tree any more.
 */
struct ovl_node *ovl_node_child(struct ovl_node *node, const char *name);

/**
 * The name with its unit address ("uart@9000"), empty for the root.
 *
 * Borrowed: valid as long as the caller holds \p node. NULL with errno EINVAL for a NULL argument.
 */
const char *ovl_node_name(struct ovl_node *node);

/**
 * The absolute path; for a node that is not in the tree any more, the path that it had.
 *
 * Copied into \p buf with its NUL. With \p buf NULL and \p size 0 only the length is told.
 *
 * Returns the length without the NUL, or -EINVAL for a NULL argument, -ERANGE if \p size is too small.
 */
int ovl_node_path(struct ovl_node *node, char *buf, size_t size);

/**
 * The phandle, or 0 if the node has none or is NULL.
 */
uint32_t ovl_node_phandle(struct ovl_node *node);

/**
 * Whether the node is in the tree: 1 or 0, or -EINVAL for a NULL argument.
 */
int ovl_node_is_attached(struct ovl_node *node);

/**
 * Whether "status" is missing, "okay" or "ok": 1 or 0, or -EINVAL for a NULL argument.
 */
int ovl_node_is_available(struct ovl_node *node);

/**
 * Whether one of the strings in "compatible" is \p compatible, in upper or lower case: 1 or 0, or -EINVAL for a NULL
 * argument.
 */
int ovl_node_is_compatible(struct ovl_node *node, const char *compatible);

/**
 * The id of the overlay that brought the node, 0 for the base, or -EINVAL for a NULL argument.
 */
int ovl_node_origin(struct ovl_node *node);

/**
 * Lists what refers to a node or to one below it from elsewhere in the tree, and would dangle without it: by the phandles of the
 * common bindings (clocks, gpios, *-supply, …), and by the paths in /aliases, /__symbols__ and /chosen.
 *
 * On success *\p report has a line for each, "path: property "name" refers to path (phandle 0x…)"; it is the caller's, to be freed
 * with ovl_free(). Costs a pass over the tree.
 *
 * Returns the number of lines, 0 for a node that is not in the tree any more; -EINVAL for a NULL argument, -ENOMEM.
 */
int ovl_node_referrers(struct ovl_node *node,
                       char **report);

/**
 * The property called \p name.
 *
 * Its value never changes: an update puts another property in its place. Costs a pass over the node's properties.
 *
 * Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT no such property, EINVAL a NULL argument.
 */
struct ovl_prop *ovl_node_prop(struct ovl_node *node, const char *name);

/**
 * The property behind \p prev in the node's order; NULL starts with the first. Puts \p prev, also when it fails.
 *
 * Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT no further property, EINVAL a NULL node.
 */
struct ovl_prop *ovl_node_next_prop(struct ovl_node *node, struct ovl_prop *prev);

/**
 * Takes another reference to a property. Returns its argument; NULL is allowed.
 */
struct ovl_prop *ovl_prop_get(struct ovl_prop *prop);

/**
 * Drops a reference to a property; NULL is allowed.
 */
void ovl_prop_put(struct ovl_prop *prop);

/**
 * The name of a property.
 *
 * Borrowed: valid as long as the caller holds \p prop. NULL with errno EINVAL for a NULL argument.
 */
const char *ovl_prop_name(struct ovl_prop *prop);

/**
 * The value of a property: big-endian cells, strings with their NULs, or bytes. *\p len is set to its length; \p len may be
 * NULL.
 *
 * Borrowed: valid and unchanged as long as the caller holds \p prop, not aligned. NULL with errno EINVAL for a NULL property.
 */
const void *ovl_prop_data(struct ovl_prop *prop,
                          size_t *len);

/**
 * The id of the overlay that brought this value, 0 for the base, or -EINVAL for a NULL argument.
 */
int ovl_prop_origin(struct ovl_prop *prop);

/**
 * Reads the first cell of a property.
 *
 * Returns 0, or -EINVAL no such property or a NULL argument, -ENODATA it has no value, -EOVERFLOW its value is too short.
 */
int ovl_node_read_u32(struct ovl_node *node, const char *name, uint32_t *value);

/**
 * Reads the first two cells of a property as one number. Errors are those of ovl_node_read_u32().
 */
int ovl_node_read_u64(struct ovl_node *node, const char *name, uint64_t *value);

/**
 * Reads the first \p n cells of a property, which may have more, into \p values. Errors are those of ovl_node_read_u32().
 */
int ovl_node_read_u32_array(struct ovl_node *node, const char *name, uint32_t *values, size_t n);

/**
 * Reads the string at \p index of a property into \p buf, with its NUL. With \p buf NULL and \p size 0 only the length is
 * told.
 *
 * Returns the length without the NUL, or -EINVAL no such property or a NULL argument, -ENODATA it has no value or too few
 * strings, -EILSEQ it is not a list of strings, -ERANGE \p size is too small.
 */
int ovl_node_read_string(struct ovl_node *node, const char *name, size_t index, char *buf, size_t size);

/**
 * Returns how many strings a property has, or -EINVAL no such property or a NULL argument, -ENODATA it has no value,
 * -EILSEQ it is not a list of strings.
 */
int ovl_node_count_strings(struct ovl_node *node, const char *name);

/**
 * Returns the index of \p string in a property, or -ENODATA it is not among its strings, and the errors of
 * ovl_node_count_strings().
 */
int ovl_node_match_string(struct ovl_node *node, const char *name, const char *string);

/**
 * Whether the property is there, whatever its value: 1 or 0, or -EINVAL for a NULL argument.
 */
int ovl_node_read_bool(struct ovl_node *node, const char *name);

/**
 * Follows the entry at \p index of a list of phandles with arguments.
 *
 * \p list is a property such as "clocks"; \p cells the property of each target that says how many arguments it takes, such
 * as "#clock-cells", NULL for none. On success *\p target is a reference (drop it with ovl_node_put()), \p args has the
 * arguments, and *\p n, which held the room in \p args, their number. \p target, \p args and \p n may be NULL.
 *
 * Returns 0, or -ENOENT no such property or index, or an empty entry; -EINVAL a NULL argument, a phandle that no node has,
 * a target without \p cells, a list that ends too early; -ERANGE \p args has too little room (*\p n says how much it takes).
 */
int ovl_node_phandle_args(struct ovl_node *node,
                          const char *list,
                          const char *cells,
                          size_t index,
                          struct ovl_node **target,
                          uint32_t *args,
                          unsigned int *n);

/**
 * Has \p callback called for everything that is applied to a tree or removed from it from now on, overlays and changesets alike. A
 * higher \p priority is told first; of equal ones, who came first.
 *
 * Each change is told as OVL_EVENT_PRE_APPLY; then, when all of it is in the tree, each node and property by itself, in order;
 * then OVL_EVENT_POST_APPLY. A removal is told as OVL_EVENT_PRE_REMOVE; each node and property, backward and the other way round, but for
 * values that others cover; OVL_EVENT_POST_REMOVE. A negative errno from a PRE event refuses the change: who was told before gets the
 * ABORT event, in reverse order. A negative errno from another event is returned to who makes the change, and undoes nothing; the
 * others are told all the same. Who registers in between is told from the next change on.
 *
 * The callback runs on the thread that makes the change, with no lock held. It may call everything, apply and remove other overlays
 * and changesets, drop the last references, unregister itself, and wait for threads that do any of this. What is in progress cannot
 * be removed or reverted meanwhile: -EBUSY. If the tree was changed during a PRE event, by the callback or another thread, what was
 * told is done if it still can be done just so; otherwise all hear the ABORT event, and it is planned and told anew, four times at
 * most, then it is -EBUSY.
 *
 * \p destroy, which may be NULL, is called with \p user_data once, when the callback is unregistered, no thread is in it and no change
 * is under way that began before; also if this function fails. The registration does not keep the tree, and outlives it.
 *
 * Returns a registration (end it with ovl_notifier_unregister()), or NULL with errno: EINVAL for a NULL tree or callback.
 */
struct ovl_notifier *ovl_notifier_register(struct ovl_tree *tree,
                                           int priority,
                                           ovl_notifier_callback callback,
                                           void *user_data,
                                           ovl_destroy destroy);

/**
 * Ends a registration; NULL is allowed. Also when its tree is gone.
 *
 * It waits for nobody, so that it may be called from anywhere, the callback included: no call starts any more when it returns, and
 * one that runs on another thread goes on to its end. \p destroy of ovl_notifier_register() tells when nobody is in it.
 */
void ovl_notifier_unregister(struct ovl_notifier *notifier);

/**
 * What the event tells: OVL_EVENT_…; 0 with errno EINVAL for a NULL argument.
 */
uint32_t ovl_event_kind(const struct ovl_event *event);

/**
 * The id of the overlay or changeset, or -EINVAL for a NULL argument.
 */
int ovl_event_id(const struct ovl_event *event);

/**
 * All that is applied or removed together, as a view: to be looked at with ovl_changeset_count() and ovl_changeset_entry(), and kept for
 * as long as one likes. Nothing changes it any more, and what it shows stays readable. To add to it, apply or revert it is
 * -EINVAL.
 *
 * Returns a reference (drop it with ovl_changeset_put()), or NULL with errno EINVAL for a NULL argument.
 */
struct ovl_changeset *ovl_event_changeset(const struct ovl_event *event);

/**
 * The node that has changed.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT the event is that of the whole change, EINVAL a NULL
 * argument.
 */
struct ovl_node *ovl_event_node(const struct ovl_event *event);

/**
 * The property as it is now.
 *
 * Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT there is none now, EINVAL a NULL argument.
 */
struct ovl_prop *ovl_event_prop(const struct ovl_event *event);

/**
 * The property as it was before.
 *
 * Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT there was none, EINVAL a NULL argument.
 */
struct ovl_prop *ovl_event_before(const struct ovl_event *event);

/**
 * Whether with the whole of the change the device that the node may stand for has come (OVL_STATE_ADDED: it is in the tree, and its
 * "status" is missing, "okay" or "ok") or gone (OVL_STATE_REMOVED). Told once for each node, with the last event that concerns it.
 *
 * Returns that, or 0, or -EINVAL for a NULL argument.
 */
int ovl_event_state_change(const struct ovl_event *event);

/**
 * Applies an overlay, completely or not at all.
 *
 * The blob is copied: \p fdt stays the caller's and may be freed at once. \p options may be NULL. On success *\p id, which
 * may be NULL, is the overlay's id, above 0 and unique in the process. Costs what is in the overlay, not what is in the tree.
 *
 * Returns 0, or a negative errno with the tree as it was; ovl_last_error() names overlay, fragment, label, node and property:
 * -EINVAL a malformed blob, an unknown label or target, a conflict, a NULL argument; -ENOENT a fix-up for something that the
 * overlay does not have; -EOVERFLOW no phandle or id left; -E2BIG nested too deep; -ENODEV options.base is not in the tree
 * any more; -EBUSY listeners or other threads thwart it again and again; -ENOMEM; what a listener refused with. Only if a listener
 * failed when all was done is *\p id set beside an error (set it to 0 before): the overlay is applied then.
 */
int ovl_overlay_apply(struct ovl_tree *tree,
                      const void *fdt,
                      size_t size,
                      const struct ovl_apply_options *options,
                      int *id);

/**
 * Finds out what ovl_overlay_apply() would do, without doing it.
 *
 * *\p report, which may be NULL, gets a line "problem: …" for everything that would stop the application, not only for the
 * first thing, and a line "change: …" for each change that would be made. It is the caller's, to be freed with ovl_free().
 *
 * Returns 0 if the overlay can be applied, else the negative errno that ovl_overlay_apply() would return.
 */
int ovl_overlay_check(struct ovl_tree *tree,
                      const void *fdt,
                      size_t size,
                      const struct ovl_apply_options *options,
                      char **report);

/**
 * Removes an overlay: content and order become what they would be without it.
 *
 * \p flags: OVL_REMOVE_LINUX. Never waits: nodes of it that somebody holds stay readable until they are put. Overlays may be
 * removed in any order in which none loses what it stands on. Costs what is in the overlay.
 *
 * Returns 0, or -ENOENT (with OVL_REMOVE_LINUX -ENODEV) no such overlay; -EBUSY a later overlay or changeset depends on it:
 * ovl_last_error() names that and the node; -EBUSY listeners are just being told of it; -EINVAL a NULL argument or an unknown
 * flag; what a listener refused with, or failed with when all was done.
 */
int ovl_overlay_remove(struct ovl_tree *tree,
                       int id,
                       uint32_t flags);

/**
 * Finds out what ovl_overlay_remove() would do, without doing it.
 *
 * *\p report, which may be NULL, gets a line "problem: …" if the removal would be refused, and a line "dangling: …" for each
 * reference to what would go in nodes and properties that stay: by the phandles of the common bindings (clocks, gpios, *-supply,
 * …), and by the paths in /aliases, /__symbols__ and /chosen. It is the caller's, to be freed with ovl_free(). Costs a pass over
 * the tree.
 *
 * Returns the number of references that would dangle, or the negative errno that ovl_overlay_remove() would return.
 */
int ovl_overlay_check_remove(struct ovl_tree *tree,
                             int id,
                             uint32_t flags,
                             char **report);

/**
 * Finds out what two overlays would fight over, before either is applied.
 *
 * *\p report, which may be NULL, gets a line for each conflict, in which \p a is "the first" and \p b "the second":
 * "property: …" both set it, to different values; "node: …" both bring it; "label: …" and "phandle: …" likewise; "address: …" they
 * bring different nodes at one address of a bus; "needs: …" one goes into what the other brings, or refers to it. The report is
 * the caller's, to be freed with ovl_free().
 *
 * \p base may be NULL. Then nodes are the same where both overlays name them alike, by label or by path, and one counts as
 * brought if "compatible", "reg" or a phandle is set in it. With a base all of this is known, and both orders are tried on
 * copies of it: "refused: …" one cannot be applied after the other; "order: …" the result depends on the order. That one of them
 * cannot be applied at all is no conflict: ovl_overlay_check() tells it.
 *
 * Returns the number of conflicts, or -EINVAL for a malformed blob, one that is no overlay, or a NULL argument; -ENOMEM.
 */
int ovl_overlay_conflicts(const void *a,
                          size_t a_size,
                          const void *b,
                          size_t b_size,
                          struct ovl_tree *base,
                          char **report);

/**
 * Removes all overlays, the last one first.
 *
 * Returns 0, or -EINVAL for a NULL argument, or an error of ovl_overlay_remove() for the first one that cannot be removed: those that
 * were applied before it stay.
 */
int ovl_overlay_remove_all(struct ovl_tree *tree);

/**
 * Returns the id of the overlay that was applied next after \p id and is still there, the first one for 0; 0 if there is no
 * further one; -EINVAL for a NULL argument.
 */
int ovl_overlay_next(struct ovl_tree *tree, int id);

/**
 * Copies the name that an overlay was applied under into \p buf, with its NUL; empty if it had none. With \p buf NULL and
 * \p size 0 only the length is told.
 *
 * Returns the length without the NUL, or -ENOENT no such overlay, -ERANGE \p size is too small, -EINVAL a NULL argument.
 */
int ovl_overlay_name(struct ovl_tree *tree, int id, char *buf, size_t size);

/**
 * Waits until nothing of a removed overlay is held any more and its memory is free. \p id 0 stands for all that were removed;
 * a negative \p timeout_ms waits forever, 0 only asks.
 *
 * May be called from any thread. Hold no lock that somebody needs in order to put what is waited for.
 *
 * Returns 0, or -ETIMEDOUT: ovl_last_error() lists what is still held, and with ovl_set_tracking() by whom; -EBUSY the overlay
 * is still applied; -ENOENT this tree never gave out that id; -EINVAL a NULL argument.
 */
int ovl_tree_wait_released(struct ovl_tree *tree,
                           int id,
                           int timeout_ms);

/**
 * Lists all references that are held to nodes and values of a tree, a line each, with their holders where ovl_set_tracking()
 * is on. On success *\p report is the caller's, to be freed with ovl_free(). Costs a pass over everything.
 *
 * Returns the number of lines, or -EINVAL for a NULL argument, -ENOMEM.
 */
int ovl_tree_holders(struct ovl_tree *tree, char **report);

/**
 * Lists the parameters of a blob, an overlay or a base: Raspberry Pi's /__overrides__.
 *
 * *\p list gets a line for each target of each parameter, in the blob's order, with six fields that are separated by tabs: the
 * parameter; as what its value is written ("string"; "u8", "u16", "u32" or "u64"; "bool" or "inverted" for a property that is
 * there or not; "bytes"; "fragments"); for numbers the offset in the property; the path of the node in the blob; the property,
 * for fragments what is done to them ("+1-2"); and what is written instead of the value that is given, if anything: "=okay"
 * always this, "{low=1,high=2}" what a table has for it. A parameter without targets has a line with empty fields. \p list may
 * be NULL; on success it is the caller's, to be freed with ovl_free(). \p name is what messages call the blob, or NULL.
 *
 * Returns the number of lines, 0 for a blob without parameters; or -EINVAL a malformed blob, a parameter that cannot be
 * understood, a NULL argument; -E2BIG more than 4,096 targets; -ENOMEM.
 */
int ovl_fdt_params(const void *fdt,
                   size_t size,
                   const char *name,
                   char **list);

/**
 * Sets parameters of a blob, an overlay or a base, which makes a new blob: apply that one, or make a tree of it.
 *
 * \p settings has \p count strings "name=value", or "name", which is "name=true". They are made in their order. Values are strings;
 * numbers (decimal, hexadecimal with 0x; y, yes, on, true, n, no, off, false, up, down); bytes in hexadecimal.
 *
 * An overlay becomes a plain one: only the fragments that are enabled are left, fragments that target something in the overlay
 * itself are part of it, parameters are gone, and so are labels, but for those in /__exports__; so one overlay can be applied
 * twice. A base keeps its parameters.
 *
 * \p fdt stays the caller's. \p name is what messages call it, or NULL. On success *\p new_fdt is the caller's, to be freed
 * with ovl_free(), and *\p new_size its size. Costs a pass over the blob, and copies.
 *
 * Returns 0, or a negative errno; ovl_last_error() names blob, parameter, node, property and what was expected: -ENOENT no such
 * parameter or fragment; -EOVERFLOW a number that does not fit its bits; -EINVAL any other value that is none for its target, a
 * declaration that cannot be understood, a malformed blob, a NULL argument; -E2BIG more than 4,096 targets, or more than 1 MiB
 * to add; -ENOMEM.
 */
int ovl_fdt_set_params(const void *fdt,
                       size_t size,
                       const char *name,
                       const char *const *settings,
                       size_t count,
                       void **new_fdt,
                       size_t *new_size);

/**
 * Checks a flattened devicetree completely: header, offsets, sizes, alignment, token order, nesting, names.
 *
 * \p fdt may be followed by anything up to \p size. Costs one pass and allocates nothing.
 *
 * Returns 0, or -EINVAL; ovl_last_error() names the check that failed and its offset.
 */
int ovl_fdt_check(const void *fdt, size_t size);

/**
 * Makes a tree with nothing but an empty root.
 *
 * Returns a reference (drop it with ovl_tree_put()), or NULL with errno: ENOMEM.
 */
struct ovl_tree *ovl_tree_new(void);

/**
 * Makes a live tree of a flattened devicetree, version 16 or 17.
 *
 * The blob is checked completely and copied: \p fdt stays the caller's and may be freed at once. \p flags must be 0.
 * Costs about half of what checking the blob with libfdt costs; memory is about twice the blob.
 *
 * Returns a reference (drop it with ovl_tree_put()), or NULL with errno: EINVAL for a malformed blob (ovl_last_error()
 * names check and offset) or a NULL argument, ENOMEM.
 */
struct ovl_tree *ovl_tree_from_fdt(const void *fdt, size_t size, uint32_t flags);

/**
 * Makes a live tree of a .dtb file; "-" reads standard input. \p flags must be 0.
 *
 * Returns a reference (drop it with ovl_tree_put()), or NULL with errno: that of open() or read(), or those of
 * ovl_tree_from_fdt().
 */
struct ovl_tree *ovl_tree_from_file(const char *path, uint32_t flags);

/**
 * Makes a live tree of a directory such as /proc/device-tree, in which folders are nodes and files are properties.
 *
 * Nodes and properties come sorted by name, since the order of a directory means nothing. The "name" properties that
 * Linux adds are left out; below \p path symbolic links are not followed. \p flags must be 0.
 *
 * Returns a reference (drop it with ovl_tree_put()), or NULL with errno: that of the system, E2BIG, or those of
 * ovl_tree_from_fdt().
 */
struct ovl_tree *ovl_tree_from_dir(const char *path, uint32_t flags);

/**
 * Takes another reference to a tree. Returns its argument; NULL is allowed.
 */
struct ovl_tree *ovl_tree_get(struct ovl_tree *tree);

/**
 * Drops a reference to a tree; NULL is allowed.
 *
 * With the last one all nodes are detached. Those that somebody holds stay readable until they are put.
 */
void ovl_tree_put(struct ovl_tree *tree);

/**
 * Flattens a tree: version 17, nodes and properties in the tree's order, reservations and boot processor of the base.
 *
 * The same tree gives the same bytes. On success *\p fdt is the caller's, to be freed with ovl_free(). Costs a copy.
 *
 * Returns 0, or -EINVAL for a NULL argument, -E2BIG if it does not fit a blob, -ENOMEM.
 */
int ovl_tree_to_fdt(struct ovl_tree *tree, void **fdt, size_t *size);

/**
 * Writes a tree as devicetree source, in the tree's order, with labels, and comments where an overlay brought something.
 *
 * On success *\p dts is the caller's, to be freed with ovl_free(). dtc compiles it to an equal tree.
 *
 * Returns 0, or -EINVAL for a NULL argument, -ENOMEM.
 */
int ovl_tree_to_dts(struct ovl_tree *tree, char **dts);

/**
 * Writes a tree as devicetree source, as \p flags say: OVL_DTS_SORTED, OVL_DTS_ORIGINS.
 *
 * On success *\p dts is the caller's, to be freed with ovl_free().
 *
 * Returns 0, or -EINVAL for a NULL argument or an unknown flag, -ENOMEM.
 */
int ovl_tree_to_dts_with(struct ovl_tree *tree, uint32_t flags, char **dts);

/**
 * Compares two trees. \p flags: OVL_DIFF_ANY_ORDER, OVL_DIFF_ANY_PHANDLES, OVL_DIFF_JSON.
 *
 * On success *\p text has a line for each difference, from \p a to \p b: "- path" and "+ path" for nodes, "- path: prop =
 * value" and "+ path: prop = value" for properties, "~ path: order of …". With OVL_DIFF_JSON it is an array of objects with
 * "change" ("remove", "add", "order") and "path"; for a property also "property", "value" as source and "bytes" in hexadecimal;
 * for an order, "of" what. The text is the caller's, to be freed with ovl_free().
 *
 * With OVL_DIFF_ANY_PHANDLES, nodes' own phandles are passed over, and references compared by where they lead. Those of the
 * common bindings (clocks, gpios, *-supply, …) are known. A cell (one of the first 32) of a property with a vendor's name
 * ("acme,grf") is taken for one if wherever both trees have it, it leads to a node, and if different numbers lead to nodes of
 * the same path more often than to others.
 *
 * Returns the number of differences, 0 for equal trees, or -EINVAL for a NULL argument or an unknown flag, -ENOMEM.
 */
int ovl_tree_diff(struct ovl_tree *a,
                  struct ovl_tree *b,
                  uint32_t flags,
                  char **text);

/**
 * Makes an overlay that turns \p a into \p b, but for the order of nodes and properties and the numbers of phandles: after
 * it is applied, ovl_tree_diff() with OVL_DIFF_ANY_ORDER and OVL_DIFF_ANY_PHANDLES finds nothing. Equal trees give an overlay
 * that changes nothing. It is for \p a: nodes are found by path, and one without a label by its phandle there.
 *
 * Overlays cannot take anything away. What \p b lacks is refused, all of it named; with \p flags OVL_DIFF_OVERLAY_DISABLE nodes get
 * status = "disabled" (and keep labels and aliases), and with OVL_DIFF_OVERLAY_KEEP it stays. References are known as in
 * ovl_tree_diff(); what else is a phandle in a vendor's property stays the number that it is in \p b.
 *
 * On success *\p fdt is the caller's, to be freed with ovl_free(). fdtoverlay and Linux apply it too.
 *
 * Returns 0, or -EINVAL: ovl_last_error() has a line for each thing that no overlay can do (what \p b lacks; a changed "name",
 * "#address-cells" or "#size-cells"; changes where two nodes have one name), or a NULL argument or an unknown flag; -E2BIG nested
 * too deep for an overlay, -ENOMEM.
 */
int ovl_tree_diff_overlay(struct ovl_tree *a,
                          struct ovl_tree *b,
                          uint32_t flags,
                          void **fdt,
                          size_t *size);

/**
 * The root of a tree.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: EINVAL for a NULL argument.
 */
struct ovl_node *ovl_tree_root(struct ovl_tree *tree);

/**
 * Finds a node by path or alias.
 *
 * \p path is absolute ("/soc/uart@9000") or starts with an alias ("serial0/child"); unit addresses may be left out where
 * that is unambiguous. Costs one hash per component, and a pass over its siblings for one without its address.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such node, EINVAL a NULL argument or an
 * ambiguous path. Detached nodes are never found.
 */
struct ovl_node *ovl_node_by_path(struct ovl_tree *tree, const char *path);

/**
 * Finds a node by its phandle. Costs one hash.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such node, EINVAL a NULL argument.
 */
struct ovl_node *ovl_node_by_phandle(struct ovl_tree *tree, uint32_t phandle);

/**
 * Finds a node by its label, as /__symbols__ has it. Costs one hash, and those of the path.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such label or node, EINVAL a NULL
 * argument or a label that is not a path.
 */
struct ovl_node *ovl_node_by_label(struct ovl_tree *tree, const char *label);

/**
 * Finds the next node behind \p from in document order that is compatible with \p compatible; NULL starts at the root.
 *
 * Puts \p from, also when it fails, so that a loop needs no put of its own. Costs a pass over the tree from there on.
 *
 * Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no further node, ENODEV \p from is not in
 * the tree any more, EINVAL a NULL argument or a node of another tree.
 */
struct ovl_node *ovl_node_by_compatible(struct ovl_tree *tree, struct ovl_node *from, const char *compatible);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* OVL_H */
