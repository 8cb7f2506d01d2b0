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
 * The format is told: from \p width to \p quantization.
 */
#define MEDIADEV_FORMAT_FORMAT 1

/**
 * The rectangle that is taken of what comes in is told.
 */
#define MEDIADEV_FORMAT_CROP 2

/**
 * The rectangle that it is put to is told.
 */
#define MEDIADEV_FORMAT_COMPOSE 4

/**
 * The time from one frame to the next is told.
 */
#define MEDIADEV_FORMAT_INTERVAL 8

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
 * A media device of the kernel, opened. Counted: mediadev_node_get(), mediadev_node_put().
 */
typedef struct mediadev_node mediadev_node;

/**
 * Settings that a media device takes together. Counted: mediadev_request_get(), mediadev_request_put().
 */
typedef struct mediadev_request mediadev_request;

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
 * A rectangle in pixels.
 */
typedef struct mediadev_rect {
  /**
   * From the left
   */
  int32_t left;
  /**
   * From the top
   */
  int32_t top;
  /**
   * To the right
   */
  uint32_t width;
  /**
   * Downwards
   */
  uint32_t height;
} mediadev_rect;

/**
 * What flows through a pad. Set \p size to its size; members may be added at its end. What \p told does not have is 0, and left alone
 * when it is set.
 */
typedef struct mediadev_format {
  /**
   * sizeof(struct mediadev_format)
   */
  size_t size;
  /**
   * MEDIADEV_FORMAT_ of what is told
   */
  uint32_t told;
  /**
   * Of a frame, in pixels
   */
  uint32_t width;
  /**
   * Of a frame, in pixels
   */
  uint32_t height;
  /**
   * MEDIA_BUS_FMT_ of linux/media-bus-format.h
   */
  uint32_t code;
  /**
   * V4L2_FIELD_ of linux/videodev2.h
   */
  uint32_t field;
  /**
   * V4L2_COLORSPACE_
   */
  uint32_t colorspace;
  /**
   * V4L2_XFER_FUNC_
   */
  uint32_t xfer_func;
  /**
   * V4L2_YCBCR_ENC_
   */
  uint32_t ycbcr_enc;
  /**
   * V4L2_QUANTIZATION_
   */
  uint32_t quantization;
  /**
   * What is taken of what comes in
   */
  struct mediadev_rect crop;
  /**
   * Where that is put
   */
  struct mediadev_rect compose;
  /**
   * Of the seconds from one frame to the next
   */
  uint32_t interval_numerator;
  /**
   * Of the seconds from one frame to the next
   */
  uint32_t interval_denominator;
} mediadev_format;

/**
 * What a device says of itself. Set \p size to its size; members may be added at its end. The texts end with NUL; a version is
 * major << 16 | minor << 8 | patch.
 */
struct mediadev_info {
  /**
   * sizeof(struct mediadev_info)
   */
  size_t size;
  /**
   * The driver's name
   */
  char driver[16];
  /**
   * What the device is
   */
  char model[32];
  /**
   * Which one of its model it is
   */
  char serial[40];
  /**
   * Where it is: "platform:vimc"
   */
  char bus_info[32];
  /**
   * The version of the media interface that it has
   */
  uint32_t media_version;
  /**
   * The device's own version
   */
  uint32_t hw_revision;
  /**
   * The driver's version
   */
  uint32_t driver_version;
};

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
 * Tells what flows through a pad of a sub-device, and through which stream of it (0 where there is one). Set \p format->size before.
 * \p format->told says what the driver knows of.
 *
 * Returns 0, or -ENOENT there is no such pad, or its entity is no sub-device with a node; -EINVAL a NULL argument, a wrong size, or the
 * pad has no format; -ENOTTY the kernel knows no streams; -ENODEV the device is gone; that of open(), -EACCES for one.
 */
int mediadev_get_format(struct mediadev_node *node,
                        uint32_t pad_id,
                        uint32_t stream,
                        struct mediadev_format *format);

/**
 * Sets what flows through a pad of a sub-device: what \p format->told says. *\p format is then what the driver has made of it. What is
 * set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
 *
 * Returns as mediadev_get_format(), and -EBUSY data flows; what the driver says.
 */
int mediadev_set_format(struct mediadev_node *node,
                        uint32_t pad_id,
                        uint32_t stream,
                        struct mediadev_format *format);

/**
 * Sets what flows through pads in media-ctl's notation, that of its option -V:
 * "'Sensor A':0[fmt:SRGGB8_1X8/640x480 field:none @1/30], 'Scaler':0[crop:(0,0)/320x240]". Properties are fmt:, field:, colorspace:,
 * xfer:, ycbcr:, quantization:, crop:, compose: and @, with the names that media-ctl has; a code may also be a number, 0x3014. A
 * stream other than the first stands behind the pad: 'mux':0/1.
 *
 * All of it is read, and everything in it found, before the first pad is changed; then one is changed after the other, until one cannot
 * be. What is set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
 *
 * Returns 0, or -EINVAL the text is wrong (mediadev_last_error() says where), or NULL; -ENOENT there is no such entity or pad, or the
 * entity is no sub-device with a node; -ENOTUNIQ several entities have the name; -EBUSY data flows; -ENOTTY the driver does not know
 * the property, or the kernel no streams; -ENODEV the device is gone; what the driver says, and what open() does.
 */
int mediadev_set_formats(struct mediadev_node *node,
                         const char *formats);

/**
 * Tells what flows through a pad ("'Sensor A':0"), or with NULL through all pads of all sub-devices, in the notation of
 * mediadev_set_formats(), to which it can be given again. *\p formats is the caller's, to be freed with mediadev_free().
 *
 * Returns 0, or as mediadev_get_format(); -EINVAL also where the text is wrong.
 */
int mediadev_get_formats(struct mediadev_node *node, const char *pad, char **formats);

/**
 * Sets the routes through sub-devices in media-ctl's notation, that of its option -R: "'mux'[0/0->2/0[1], 1/0->2/1[1]]", each from a
 * sink pad and stream to a source pad and stream; [1] makes it active. A sub-device then has these routes and no others.
 *
 * Returns as mediadev_set_formats(); -ENOTTY also where the sub-device has no routes.
 */
int mediadev_set_routes(struct mediadev_node *node,
                        const char *routes);

/**
 * Tells the routes through a sub-device ("'mux'"), or with NULL through each that has some, in the notation of mediadev_set_routes(), to
 * which it can be given again. *\p routes is the caller's, to be freed with mediadev_free().
 *
 * Returns as mediadev_get_formats(); -ENOTTY where the sub-device has no routes.
 */
int mediadev_get_routes(struct mediadev_node *node,
                        const char *entity,
                        char **routes);

/**
 * Copies the name of a media bus format with its NUL: that of linux/media-bus-format.h without MEDIA_BUS_FMT_, "SRGGB8_1X8". One that
 * has none is its number, "0x9999".
 *
 * Returns its length; -ERANGE \p size is too small (64 is enough; with 0 nothing is copied), -EINVAL for NULL.
 */
int mediadev_name_format(uint32_t code,
                         char *name,
                         size_t size);

/**
 * Tells the media bus format that has this name, in either case, or one of media-ctl's shorter ones ("SRGGB8"), or is this number.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
 */
int mediadev_format_called(const char *name,
                           uint32_t *code);

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
 * Opens a media device of the kernel: by path ("/dev/media0"), by name ("media0"), by bus information ("platform:vimc") or by driver
 * ("vimc"). A path begins with "/", "./" or "../". By the last two it opens all of them to look.
 *
 * The node stays this device, also when another one gets its path. What it says of itself answers after it has gone; everything
 * that needs the device is -ENODEV then.
 *
 * Returns a reference (drop it with mediadev_node_put()), or NULL with errno: ENOENT there is none; ENOTUNIQ several devices have the
 * driver or bus information; EINVAL it is not a media device, or a NULL argument; ENODEV it has just gone; that of open(), EACCES for
 * one, also where a device that could not be opened may be the one that is meant.
 */
struct mediadev_node *mediadev_open(const char *key);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_node *mediadev_node_get(struct mediadev_node *node);

/**
 * Drops a reference; NULL is allowed. The last one closes the device. Topologies do not need their node, requests hold it.
 */
void mediadev_node_put(struct mediadev_node *node);

/**
 * Lists the media devices of the kernel by number: copies the name that follows \p prev, the first one for NULL, into \p name with
 * its NUL; both may be the same buffer. A device that comes or goes meanwhile does not disturb the list.
 *
 * Returns the length of the name, or 0 if there is no further one; -ERANGE \p size is too small (32 is enough; with 0 nothing is
 * copied), -EINVAL a NULL argument.
 */
int mediadev_next(const char *prev,
                  char *name,
                  size_t size);

/**
 * The last part of the path that the node was opened by, "media0". Borrowed: valid as long as the node is held, also when the device
 * has gone. NULL with errno EINVAL for NULL.
 */
const char *mediadev_node_name(struct mediadev_node *node);

/**
 * Tells what the device said of itself when it was opened. Set \p info->size before. The kernel is not asked.
 *
 * Returns 0, or -EINVAL a NULL argument or a wrong size.
 */
int mediadev_info(struct mediadev_node *node, struct mediadev_info *info);

/**
 * Returns 1 if the device is there, 0 if it has gone, at some moment; -EINVAL for NULL.
 */
int mediadev_node_is_alive(struct mediadev_node *node);

/**
 * A file descriptor for ioctl(), and for poll(), which says POLLERR or POLLHUP when the device has gone. The kernel wakes nobody who
 * sleeps in poll() when a media device goes: give it a time limit, or use mediadev_wait_gone(). Borrowed: do not close it.
 *
 * Returns it, or -EINVAL for NULL.
 */
int mediadev_node_fd(struct mediadev_node *node);

/**
 * Waits until the device has gone, no longer than \p timeout_ms; a negative limit is none. Looks twenty times a second, for the kernel
 * wakes nobody then.
 *
 * Returns 0 it has gone, -ETIMEDOUT it is still there, -EINTR a signal was handled, -EINVAL for NULL.
 */
int mediadev_wait_gone(struct mediadev_node *node,
                       int timeout_ms);

/**
 * Reads the graph as it is now. One call of the kernel as a rule; the first time, and where the graph has grown, up to three. A graph
 * that changes meanwhile is read again. From a kernel before 4.5 all that its older interface tells, with ids of pads, links and
 * interfaces that are made up.
 *
 * Returns a reference (drop it with mediadev_topology_put()), or NULL with errno: ENODEV the device is gone; EAGAIN the graph changed
 * all the time; EBADMSG the device tells what makes no sense; ENOSPC there are more than 65536 of a kind; EINVAL for NULL; ENOMEM.
 */
struct mediadev_topology *mediadev_topology_read(struct mediadev_node *node);

/**
 * Sets the flags of the link between two pads, by their ids in any topology of this node: 0, or MEDIA_LNK_FL_ENABLED. What other flags
 * the link has must be told as they are. One call of the kernel where the pads are known from the last topology that was read.
 *
 * Returns 0, or -EBUSY data flows and the link is not one to be changed then; -EINVAL there is no such link, or it cannot be changed
 * so, or a NULL argument; -ENOENT there is no such pad; -ENODEV the device is gone; what the driver says, which may refuse.
 */
int mediadev_setup_link(struct mediadev_node *node,
                        uint32_t source_pad_id,
                        uint32_t sink_pad_id,
                        uint32_t flags);

/**
 * Sets up links in media-ctl's notation: "'Sensor A':0 -> 'Debayer A':0 [1], 3:1 -> 5:0 [0]". An entity is its name in single or double
 * quotes, or its id; a pad is its index; [1] enables. Other flags of the link need not be told.
 *
 * All of it is read, and everything in it found, before the first link is changed; then one is changed after the other, until one
 * cannot be.
 *
 * Returns 0, or -EINVAL the text is wrong (mediadev_last_error() says where), or NULL; -ENOENT there is no such entity, pad or link;
 * -ENOTUNIQ several entities have the name; and as mediadev_setup_link() and mediadev_topology_read().
 */
int mediadev_setup_links(struct mediadev_node *node,
                         const char *links);

/**
 * Disables every link that is enabled and is not immutable. Goes on where one cannot be disabled.
 *
 * Returns 0, or what the first one said that could not be: as mediadev_setup_link() and mediadev_topology_read().
 */
int mediadev_reset_links(struct mediadev_node *node);

/**
 * Makes a request of a media device: buffers and controls that its driver takes together. It is idle: to be filled through the video
 * nodes, which are told by its file descriptor what belongs to it, and then queued. It holds the node.
 *
 * Returns a reference (drop it with mediadev_request_put()), or NULL with errno: ENOTTY the driver has no requests; ENODEV the device
 * is gone; EINVAL for NULL; EMFILE, ENOMEM.
 */
struct mediadev_request *mediadev_request_alloc(struct mediadev_node *node);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_request *mediadev_request_get(struct mediadev_request *request);

/**
 * Drops a reference; NULL is allowed. What has been queued is carried out all the same.
 */
void mediadev_request_put(struct mediadev_request *request);

/**
 * The file descriptor of a request, for struct v4l2_buffer and struct v4l2_ext_controls, and for poll(), which says POLLPRI when the
 * request has been completed. Borrowed: do not close it.
 *
 * Returns it, or -EINVAL for NULL.
 */
int mediadev_request_fd(struct mediadev_request *request);

/**
 * Hands a request to the driver.
 *
 * Returns 0, or -ENOENT there is no buffer in it; -EBUSY it is queued already, or complete; -ENODEV the device is gone; what the
 * driver says; -EINVAL for NULL.
 */
int mediadev_request_queue(struct mediadev_request *request);

/**
 * Makes a request idle and empty again, to be used once more.
 *
 * Returns 0, or -EBUSY it is queued and not complete; -ENODEV the device is gone; -EINVAL for NULL.
 */
int mediadev_request_reinit(struct mediadev_request *request);

/**
 * Waits until a request has been completed, no longer than \p timeout_ms; a negative limit is none.
 *
 * Returns 0 it is complete, -ETIMEDOUT not yet, -EINVAL it has not been queued, or NULL; -ENODEV the device is gone, -EINTR a signal was
 * handled.
 */
int mediadev_request_wait(struct mediadev_request *request,
                          int timeout_ms);

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
 * Finds the first entity that the interface controls whose device node this is: "/dev/video0". As mediadev_topology_find(); -EINVAL also
 * where \p path is not a character device.
 */
int mediadev_topology_by_devnode(struct mediadev_topology *topology,
                                 const char *path,
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
