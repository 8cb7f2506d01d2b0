/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libmediadev: media graphs of the kernel's devices, and media devices of a program's own whose release can be relied on.
 *
 * Conventions, common to all functions:
 *
 * - An int result is 0 (or a count or a value, where the function says so) or a negative errno. A pointer result is NULL
 *   with errno set. The sentence behind the last error of this thread is mediadev_last_error().
 * - Every function that returns a counted object gives the caller a reference, to be dropped with the matching _put(),
 *   unless it is documented as borrowed. _get() returns its argument. Both accept NULL.
 * - Ids, functions, types and flags are those of linux/media.h. Kinds that nobody knows yet are told as they are.
 * - A topology is a graph as it was at one moment. It never changes and needs nobody's device.
 * - NULL where an object is required is -EINVAL. Unknown flags are -EINVAL.
 * - Every function may be called from any thread, on shared objects, unless it says otherwise.
 * - File descriptors are non-blocking and close on exec. They are for poll() and stay the library's: do not close them.
 * - Callbacks run without locks of the library held and may call back into it. They must return in the ordinary way:
 *   longjmp() out of a callback is not supported.
 *
 * Written by `cargo xtask headers` from libmediadev/src/capi. Do not edit.
 */

#ifndef MEDIADEV_H
#define MEDIADEV_H

#include <stddef.h>
#include <stdint.h>

/**
 * Entities.
 */
#define MEDIADEV_KIND_ENTITY 0

/**
 * Pads.
 */
#define MEDIADEV_KIND_PAD 1

/**
 * Links, of all kinds.
 */
#define MEDIADEV_KIND_LINK 2

/**
 * Interfaces.
 */
#define MEDIADEV_KIND_INTERFACE 3

/**
 * To where data comes from.
 */
#define MEDIADEV_UPSTREAM 1

/**
 * To where data goes.
 */
#define MEDIADEV_DOWNSTREAM 2

/**
 * Along links that are not enabled too.
 */
#define MEDIADEV_ALL_LINKS 4

/**
 * A media graph as it was at one moment. Counted: mediadev_topology_get(), mediadev_topology_put().
 */
typedef struct mediadev_topology mediadev_topology;

/**
 * Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
 */
typedef void (*mediadev_log_callback)(int level, const char *message, void *user_data);

/**
 * Frees user data. Runs exactly once, also when the call that it was given to fails.
 */
typedef void (*mediadev_destroy)(void *user_data);

/**
 * An entity of a graph. Set \p size to its size; members may be added at its end. Functions and flags are those of linux/media.h.
 */
typedef struct mediadev_entity_info {
  /**
   * sizeof(struct mediadev_entity_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * MEDIA_ENT_F_, or a number that has no name yet
   */
  uint32_t function;
  /**
   * MEDIA_ENT_FL_
   */
  uint32_t flags;
  /**
   * How many pads it has
   */
  uint32_t num_pads;
  /**
   * How many data links there are at its pads
   */
  uint32_t num_links;
  /**
   * What it is called; ends with NUL
   */
  char name[64];
} mediadev_entity_info;

/**
 * A pad of a graph. Set \p size to its size; members may be added at its end.
 */
typedef struct mediadev_pad_info {
  /**
   * sizeof(struct mediadev_pad_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * Whose pad it is
   */
  uint32_t entity_id;
  /**
   * Which of its pads
   */
  uint32_t index;
  /**
   * MEDIA_PAD_FL_
   */
  uint32_t flags;
} mediadev_pad_info;

/**
 * A link of a graph. Set \p size to its size; members may be added at its end.
 *
 * A data link goes from pad to pad, an interface link from an interface to an entity that it controls, an ancillary link from an
 * entity to one that belongs to it. flags & MEDIA_LNK_FL_LINK_TYPE says which of them it is; other kinds are told as they are.
 */
typedef struct mediadev_link_info {
  /**
   * sizeof(struct mediadev_link_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * The id of the pad, interface or entity that it comes from
   */
  uint32_t source_id;
  /**
   * The id of the pad or entity that it goes to
   */
  uint32_t sink_id;
  /**
   * MEDIA_LNK_FL_
   */
  uint32_t flags;
  /**
   * The entity that it comes from, 0 for none
   */
  uint32_t source_entity;
  /**
   * The index of the pad that it comes from
   */
  uint32_t source_pad;
  /**
   * The entity that it goes to, 0 for none
   */
  uint32_t sink_entity;
  /**
   * The index of the pad that it goes to
   */
  uint32_t sink_pad;
} mediadev_link_info;

/**
 * An interface of a graph: a device node. Set \p size to its size; members may be added at its end.
 */
typedef struct mediadev_interface_info {
  /**
   * sizeof(struct mediadev_interface_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * MEDIA_INTF_T_, or a number that has no name yet
   */
  uint32_t kind;
  /**
   * None are known
   */
  uint32_t flags;
  /**
   * The device node's numbers
   */
  uint32_t major;
  /**
   * The device node's numbers
   */
  uint32_t minor;
} mediadev_interface_info;

/**
 * Is told of one entity, which is valid during the call; anything but 0 ends the walk.
 */
typedef int (*mediadev_visit)(const struct mediadev_entity_info *entity, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, "0.1.0".
 */
const char *mediadev_version(void);

/**
 * The sentence behind the last error of this thread. It names what went wrong where: device, entity, pad, link, the call that
 * failed.
 *
 * Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
 * that succeeds leaves it alone.
 */
const char *mediadev_last_error(void);

/**
 * Frees what this library returned to be freed so; NULL is allowed.
 */
void mediadev_free(void *memory);

/**
 * Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
 *
 * \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
 * this one any more.
 *
 * Returns 0.
 */
int mediadev_set_log_callback(mediadev_log_callback callback, void *user_data, mediadev_destroy destroy);

/**
 * Remembers who takes references from now on: 0 nobody, 1 the tag (mediadev_set_tag()) and thread of each taker, 2 a backtrace
 * too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
 *
 * Returns 0, or -EINVAL for another level.
 */
int mediadev_set_tracking(uint32_t level);

/**
 * What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
 *
 * Returns 0, or -EINVAL if it is not UTF-8.
 */
int mediadev_set_tag(const char *tag);

/**
 * Lists who holds references that were taken since tracking began, a line for each: *\p report is the caller's, to be freed with
 * mediadev_free(). For a program that finds devices still held when it ends.
 *
 * Returns the number of lines, or -EINVAL for NULL, -ENOMEM.
 */
int mediadev_holders(char **report);

/**
 * Copies the name of an entity's function with its NUL: that of linux/media.h without MEDIA_ENT_F_, "CAM_SENSOR". One that has none
 * is its number, "0x12345".
 *
 * Returns its length; -ERANGE \p size is too small (64 is enough; with 0 nothing is copied), -EINVAL for NULL.
 */
int mediadev_name_function(uint32_t function,
                           char *name,
                           size_t size);

/**
 * Copies the name of an interface's type: that of linux/media.h without MEDIA_INTF_T_, "V4L_SUBDEV". As mediadev_name_function().
 */
int mediadev_name_interface(uint32_t kind,
                            char *name,
                            size_t size);

/**
 * Copies the names of an entity's flags with commas between them, "DEFAULT"; empty for none. As mediadev_name_function().
 */
int mediadev_name_entity_flags(uint32_t flags, char *name, size_t size);

/**
 * Copies the names of a pad's flags with commas between them, "SINK,MUST_CONNECT". As mediadev_name_function().
 */
int mediadev_name_pad_flags(uint32_t flags, char *name, size_t size);

/**
 * Copies the names of a link's flags with commas between them, "ENABLED,IMMUTABLE"; which kind of link it is is not among them. As
 * mediadev_name_function().
 */
int mediadev_name_link_flags(uint32_t flags,
                             char *name,
                             size_t size);

/**
 * Tells the function that has this name, in either case, or is this number.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
 */
int mediadev_function_called(const char *name, uint32_t *function);

/**
 * Tells the interface type that has this name, in either case, or is this number.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
 */
int mediadev_interface_called(const char *name, uint32_t *kind);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_topology *mediadev_topology_get(struct mediadev_topology *topology);

/**
 * Drops a reference; NULL is allowed. A topology needs neither its device nor an open handle.
 */
void mediadev_topology_put(struct mediadev_topology *topology);

/**
 * The version of the graph: it grows whenever something comes or goes. A link that is enabled or disabled does not change it. 0 with
 * errno EINVAL for NULL.
 */
uint64_t mediadev_topology_version(struct mediadev_topology *topology);

/**
 * Tells the graph of one device of this process from that of another one which took its place: each device has another number. 0 for
 * a device of the kernel, and with errno EINVAL for NULL.
 */
uint64_t mediadev_topology_generation(struct mediadev_topology *topology);

/**
 * How many there are of a kind, MEDIADEV_KIND_. 0 with errno EINVAL for another kind or NULL.
 */
unsigned int mediadev_topology_count(struct mediadev_topology *topology, uint32_t kind);

/**
 * Tells the entity at a place of the list, the first one at 0. Set \p info->size before.
 *
 * Returns 0, or -ENOENT the list is shorter, -EINVAL a NULL argument or a wrong size.
 */
int mediadev_topology_entity(struct mediadev_topology *topology, unsigned int index, struct mediadev_entity_info *info);

/**
 * Tells the pad at a place of the list. As mediadev_topology_entity().
 */
int mediadev_topology_pad(struct mediadev_topology *topology, unsigned int index, struct mediadev_pad_info *info);

/**
 * Tells the link at a place of the list. As mediadev_topology_entity().
 */
int mediadev_topology_link(struct mediadev_topology *topology, unsigned int index, struct mediadev_link_info *info);

/**
 * Tells the interface at a place of the list. As mediadev_topology_entity().
 */
int mediadev_topology_interface(struct mediadev_topology *topology,
                                unsigned int index,
                                struct mediadev_interface_info *info);

/**
 * Finds the first entity that is called \p glob, or else whose name matches it as a pattern of the shell (`*`, `?`, `[…]`). Set
 * \p info->size before.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument or a wrong size.
 */
int mediadev_topology_find(struct mediadev_topology *topology,
                           const char *glob,
                           struct mediadev_entity_info *info);

/**
 * Finds the entity that has this id. As mediadev_topology_find().
 */
int mediadev_topology_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_entity_info *info);

/**
 * Finds the entities that have this function: the first one for \p nth 0, and so on. As mediadev_topology_find().
 */
int mediadev_topology_by_function(struct mediadev_topology *topology,
                                  uint32_t function,
                                  unsigned int nth,
                                  struct mediadev_entity_info *info);

/**
 * Finds the pad that has this id. Set \p info->size before.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument or a wrong size.
 */
int mediadev_topology_pad_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_pad_info *info);

/**
 * Finds the link that has this id. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_link_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_link_info *info);

/**
 * Finds the interface that has this id. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_interface_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_interface_info *info);

/**
 * Finds the pad of an entity that has this index, which media-ctl writes as 'entity':index. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_pad_of(struct mediadev_topology *topology,
                             uint32_t entity_id,
                             uint32_t index,
                             struct mediadev_pad_info *info);

/**
 * Finds the data links at a pad: the first one for \p nth 0, and so on. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_link_of(struct mediadev_topology *topology,
                              uint32_t pad_id,
                              unsigned int nth,
                              struct mediadev_link_info *info);

/**
 * Tells the pad at the other end of the link of a pad that is enabled. Of several *\p remote is the first one.
 *
 * Returns 0, or -ENOLINK none is enabled, -ENOTUNIQ several are, -ENOENT no pad has the id, -EINVAL a NULL argument.
 */
int mediadev_topology_remote_pad(struct mediadev_topology *topology, uint32_t pad_id, uint32_t *remote);

/**
 * Calls \p visit for every entity that can be reached from one, itself first, the near ones before the far ones. \p direction is
 * MEDIADEV_UPSTREAM, MEDIADEV_DOWNSTREAM or both; it goes along enabled links, with MEDIADEV_ALL_LINKS along all data links.
 *
 * Returns 0, or what \p visit returned to end it; -ENOENT no entity has the id, -EINVAL a NULL argument, no direction, an unknown
 * flag.
 */
int mediadev_topology_walk(struct mediadev_topology *topology,
                           uint32_t entity_id,
                           uint32_t direction,
                           mediadev_visit visit,
                           void *user_data);

/**
 * Copies the path of the device node of an interface, or of the first interface that controls an entity, with its NUL. The system is
 * asked now, not before: the node of a device that has been renamed is found, and one that has gone is not.
 *
 * Returns the length of the path; -ENOENT there is no such device, no interface controls the entity, no thing has the id; -ERANGE
 * \p size is too small (with 0 nothing is copied), -EINVAL a NULL argument.
 */
int mediadev_topology_devnode(struct mediadev_topology *topology,
                              uint32_t interface_or_entity_id,
                              char *path,
                              size_t size);

/**
 * Draws the graph in the language of Graphviz, as `media-ctl --print-dot` does. *\p text is the caller's, to be freed with
 * mediadev_free().
 *
 * Returns 0, or -EINVAL a NULL argument, -ENOMEM.
 */
int mediadev_topology_to_dot(struct mediadev_topology *topology, char **text);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MEDIADEV_H */
