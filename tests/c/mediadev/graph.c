/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Graphs: what they are made of, links and pipelines, and the snapshots of them. */
#include "fixtures.h"

#define NAME "camera (platform:camera): "

TEST("M12 a snapshot has everything, and never changes")
{
	struct mediadev_entity_info entity = {.size = sizeof(entity)};
	struct mediadev_pad_info pad = {.size = sizeof(pad)};
	struct mediadev_link_info link = {.size = sizeof(link)};
	struct mediadev_interface_info interface = {.size = sizeof(interface)};
	uint32_t video, remote;
	char path[64];

	plug();
	ok0(mediadev_interface_add(device, MEDIA_INTF_T_V4L_VIDEO, 0, 1, 3, &video));
	ok0(mediadev_interface_link(capture, video, ENABLED));
	mediadev_entity *lens = mediadev_entity_add(device, "Lens", 0x7fff0001, NULL, 0);
	ok0(mediadev_ancillary_link(sensor, lens));
	ok0(mediadev_entity_set_flags(capture, MEDIA_ENT_FL_DEFAULT));
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	mediadev_topology *t = mediadev_device_topology(device);
	unplug_and_let_go();
	mediadev_entity_put(lens);
	ok_int(mediadev_topology_count(t, MEDIADEV_KIND_ENTITY), 4);
	ok_int(mediadev_topology_count(t, MEDIADEV_KIND_PAD), 4);
	ok_int(mediadev_topology_count(t, MEDIADEV_KIND_LINK), 4);
	ok_int(mediadev_topology_count(t, MEDIADEV_KIND_INTERFACE), 1);

	ok0(mediadev_topology_entity(t, 1, &entity));
	ok_str(entity.name, "Scaler");
	ok_int(entity.function, MEDIA_ENT_F_PROC_VIDEO_SCALER);
	ok_int(entity.num_pads, 2);
	ok_int(entity.num_links, 2);
	uint32_t scaler_id = entity.id;
	ok0(mediadev_topology_find(t, "Cap*", &entity));
	ok_int(entity.flags, MEDIA_ENT_FL_DEFAULT);
	uint32_t capture_id = entity.id;
	ok0(mediadev_topology_by_function(t, 0x7fff0001, 0, &entity));
	ok_str(entity.name, "Lens");
	uint32_t lens_id = entity.id;
	ok0(mediadev_topology_by_id(t, scaler_id, &entity));
	ok_str(entity.name, "Scaler");

	ok0(mediadev_topology_pad_of(t, scaler_id, 1, &pad));
	ok_int(pad.flags, SOURCE);
	ok_int(pad.entity_id, scaler_id);
	uint32_t output = pad.id;
	ok0(mediadev_topology_pad_of(t, scaler_id, 0, &pad));
	ok0(mediadev_topology_remote_pad(t, pad.id, &remote));
	ok0(mediadev_topology_pad_by_id(t, remote, &pad));
	ok_int(pad.index, 0);
	ok_error(mediadev_topology_remote_pad(t, output, &remote), -ENOLINK, "\"Scaler\":1: no link of it is enabled");
	ok0(mediadev_topology_pad(t, 3, &pad));
	ok_int(pad.entity_id, capture_id);

	ok0(mediadev_topology_link_of(t, output, 0, &link));
	ok_int(link.source_entity, scaler_id);
	ok_int(link.source_pad, 1);
	ok_int(link.sink_entity, capture_id);
	ok_int(link.flags, 0);
	ok_error(mediadev_topology_link_of(t, output, 1, &link), -ENOENT, "pad 0x1000005 has no link 1");
	ok0(mediadev_topology_link(t, 2, &link));
	ok_int(link.flags & MEDIA_LNK_FL_LINK_TYPE, MEDIA_LNK_FL_INTERFACE_LINK);
	ok_int(link.source_id, video);
	ok_int(link.sink_entity, capture_id);
	ok0(mediadev_topology_link(t, 3, &link));
	ok_int(link.flags & MEDIA_LNK_FL_LINK_TYPE, MEDIA_LNK_FL_ANCILLARY_LINK);
	ok_int(link.sink_entity, lens_id);
	ok0(mediadev_topology_link_by_id(t, link.id, &link));

	ok0(mediadev_topology_interface(t, 0, &interface));
	ok_int(interface.id, video);
	ok_int(interface.kind, MEDIA_INTF_T_V4L_VIDEO);
	ok0(mediadev_topology_interface_by_id(t, video, &interface));
	ok_int(interface.minor, 3);
	ok_int(mediadev_topology_devnode(t, capture_id, path, sizeof(path)), 9);
	ok_str(path, "/dev/null");
	ok_int(mediadev_topology_devnode(t, video, NULL, 0), 9);
	ok_int(mediadev_topology_devnode(t, video, path, 9), -ERANGE);
	ok_error(mediadev_topology_devnode(t, scaler_id, path, sizeof(path)), -ENOENT,
		 "\"Scaler\" (3): no interface controls it");

	ok_error(mediadev_topology_entity(t, 4, &entity), -ENOENT, "there are 4 entities, and none at 4");
	ok_error(mediadev_topology_find(t, "Toaster", &entity), -ENOENT, "no entity is called \"Toaster\"");
	ok_error(mediadev_topology_by_function(t, MEDIA_ENT_F_FLASH, 0, &entity), -ENOENT,
		 "no entity 0 has the function FLASH");
	mediadev_topology_put(t);
}

static char walked[128];

static int note(const struct mediadev_entity_info *entity, void *stop_at)
{
	strcat(strcat(walked, entity->name), " ");
	return stop_at && !strcmp(entity->name, stop_at) ? -7 : 0;
}

#define ok_walk(from, direction, stop_at, result, what)                                    \
	do {                                                                               \
		*walked = 0;                                                               \
		ok_int(mediadev_topology_walk(t, from, direction, note, stop_at), result); \
		ok_str(walked, what);                                                      \
	} while (0)

TEST("M12 a walk goes up, down or both, along enabled links or all")
{
	plug();
	uint32_t first = mediadev_entity_id(sensor), middle = mediadev_entity_id(scaler), last = mediadev_entity_id(capture);

	ok0(mediadev_link_setup(scaler, 1, capture, 0, ENABLED));
	mediadev_topology *t = mediadev_device_topology(device);
	ok_walk(last, MEDIADEV_UPSTREAM, NULL, 0, "Capture Scaler ");
	ok_walk(last, MEDIADEV_UPSTREAM | MEDIADEV_ALL_LINKS, NULL, 0, "Capture Scaler Sensor ");
	ok_walk(first, MEDIADEV_DOWNSTREAM, NULL, 0, "Sensor ");
	ok_walk(middle, MEDIADEV_UPSTREAM | MEDIADEV_DOWNSTREAM | MEDIADEV_ALL_LINKS, NULL, 0, "Scaler Sensor Capture ");
	ok_walk(last, MEDIADEV_UPSTREAM | MEDIADEV_ALL_LINKS, "Scaler", -7, "Capture Scaler ");
	ok_int(mediadev_topology_walk(t, 99, MEDIADEV_UPSTREAM, note, NULL), -ENOENT);
	mediadev_topology_put(t);
	unplug_and_let_go();
}

TEST("M14 the picture is as media-ctl draws it")
{
	char *text;

	plug();
	ok0(mediadev_link_setup(scaler, 1, capture, 0, ENABLED));
	mediadev_topology *t = mediadev_device_topology(device);
	ok0(mediadev_topology_to_dot(t, &text));
	ok_str(text,
	       "digraph board {\n"
	       "\trankdir=TB\n"
	       "\tn00000001 [label=\"{{} | Sensor | {<port0> 0}}\", shape=Mrecord, style=filled, fillcolor=green]\n"
	       "\tn00000001:port0 -> n00000003:port0 [style=dashed]\n"
	       "\tn00000003 [label=\"{{<port0> 0} | Scaler | {<port1> 1}}\", shape=Mrecord, style=filled, fillcolor=green]\n"
	       "\tn00000003:port1 -> n00000006\n"
	       "\tn00000006 [label=\"Capture\", shape=box, style=filled, fillcolor=yellow]\n"
	       "}\n");
	mediadev_free(text);
	mediadev_topology_put(t);
	unplug_and_let_go();
}

TEST("M6 both ends are asked, the source first, and the device is told before and after")
{
	plug();
	does.notifies = 1;
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	ok_happened("before(0>1) Sensor:0(0>1) Scaler:0(0>1) after(1>1) ");
	ok_int(flags_of(sensor, 0, scaler, 0), ENABLED);
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	ok_happened("");
	unplug_and_let_go();
}

TEST("M6 only ENABLED can change, and nothing of an immutable link")
{
	plug();
	ok_error(mediadev_link_setup(sensor, 0, scaler, 0, MEDIA_LNK_FL_DYNAMIC), -EINVAL,
		 NAME "\"Sensor\":0 -> \"Scaler\":0: its flags are 0x0 and cannot be 0x4: only ENABLED can change, and "
		      "nothing of an immutable link");
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED | MEDIA_LNK_FL_IMMUTABLE), -EINVAL);
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED | MEDIA_LNK_FL_INTERFACE_LINK), -EINVAL);
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, -1), -EINVAL);
	ok_error(mediadev_link_setup(sensor, 0, capture, 0, ENABLED), -EINVAL,
		 NAME "setup_link: there is no link \"Sensor\":0 -> \"Capture\":0");
	ok_int(mediadev_link_setup(scaler, 0, sensor, 0, ENABLED), -EINVAL);
	ok0(mediadev_link_remove(sensor, 0, scaler, 0));
	ok0(mediadev_link_add(sensor, 0, scaler, 0, ENABLED | MEDIA_LNK_FL_IMMUTABLE));
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED | MEDIA_LNK_FL_IMMUTABLE));
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, MEDIA_LNK_FL_IMMUTABLE), -EINVAL);
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, 0), -EINVAL);
	ok_happened("");
	unplug_and_let_go();
}

static void refuse(mediadev_entity *entity, uint32_t flags)
{
	/* The one whose name a test has chosen refuses to enable. */
	does.setup = flags && !strcmp(mediadev_entity_name(entity), does.poll ? "Scaler" : "Sensor") ? -EPERM : 0;
}

TEST("M6 a refusal restores both ends")
{
	struct mediadev_link_info info = {.size = sizeof(info)};

	plug();
	ok0(mediadev_link_find(sensor, 0, scaler, 0, &info));
	does.setup_pad = info.id;
	does.in_setup = refuse;
	does.notifies = 1;
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED), -EPERM);
	ok_contains(mediadev_last_error(), NAME "\"Sensor\":0 -> \"Scaler\":0: link_setup of \"Sensor\": ");
	ok_happened("before(0>1) Sensor:0(0>1) after(0>1) ");
	does.poll = 1;
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED), -EPERM);
	ok_happened("before(0>1) Sensor:0(0>1) Scaler:0(0>1) Sensor:0(0>0) after(0>1) ");
	ok_int(flags_of(sensor, 0, scaler, 0), 0);
	unplug_and_let_go();
}

static void follow(mediadev_entity *entity, uint32_t flags)
{
	if (!strcmp(mediadev_entity_name(entity), "Sensor"))
		ok0(mediadev_link_setup(scaler, 1, capture, 0, flags));
	mediadev_entity_put(mediadev_entity_get(entity));
}

TEST("M6 K5 from inside of a callback other links may be changed, and the last references dropped")
{
	plug();
	does.in_setup = follow;
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	ok_happened("Sensor:0(0>1) Scaler:1(0>1) Capture:0(0>1) Scaler:0(0>1) ");
	ok_int(flags_of(scaler, 1, capture, 0), ENABLED);
	unplug_and_let_go();
}

TEST("M6 a link that streams can change if it is dynamic")
{
	mediadev_pipeline pipeline = {0};

	plug();
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	ok0(mediadev_pipeline_start(sensor, 0, &pipeline));
	ok_error(mediadev_link_setup(sensor, 0, scaler, 0, 0), -EBUSY,
		 NAME "\"Sensor\":0 -> \"Scaler\":0: data flows at a pad of it, and it is not dynamic");
	ok_error(mediadev_link_remove(sensor, 0, scaler, 0), -EBUSY, NAME "\"Sensor\":0 -> \"Scaler\":0: it is streaming");
	ok0(mediadev_link_remove(scaler, 1, capture, 0));
	ok0(mediadev_link_add(scaler, 1, capture, 0, MEDIA_LNK_FL_DYNAMIC));
	ok0(mediadev_link_setup(scaler, 1, capture, 0, MEDIA_LNK_FL_DYNAMIC | ENABLED));
	ok0(mediadev_link_setup(scaler, 1, capture, 0, MEDIA_LNK_FL_DYNAMIC));
	ok0(mediadev_pipeline_stop(sensor, 0, &pipeline));
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, 0));
	unplug_and_let_go();
}

TEST("M7 pipelines nest")
{
	mediadev_pipeline pipeline = {0};

	plug();
	ok0(mediadev_link_setup(scaler, 1, capture, 0, ENABLED));
	ok0(mediadev_pipeline_start(capture, 0, &pipeline));
	ok_int(mediadev_pad_is_streaming(capture, 0), 1);
	ok_int(mediadev_pad_is_streaming(scaler, 0), 1);
	ok_int(mediadev_pad_is_streaming(sensor, 0), 0);
	ok0(mediadev_pipeline_start(scaler, 0, &pipeline));
	ok0(mediadev_pipeline_stop(scaler, 1, &pipeline));
	ok_int(mediadev_pad_is_streaming(capture, 0), 1);
	ok_error(mediadev_entity_remove(capture), -EBUSY, NAME "\"Capture\": remove: pad 0 is streaming");
	ok_error(mediadev_pipeline_stop(sensor, 0, &pipeline), -EINVAL,
		 NAME "\"Sensor\":0: pipeline_stop: it is not in this pipeline");
	ok0(mediadev_pipeline_stop(capture, 0, &pipeline));
	ok_int(mediadev_pad_is_streaming(capture, 0), 0);
	ok_int(mediadev_pipeline_stop(capture, 0, &pipeline), -EINVAL);
	unplug_and_let_go();
}

TEST("M7 a pad is in one pipeline, and one that must be connected is")
{
	mediadev_pipeline one = {0}, other = {0};
	uint32_t must[] = {SINK | MEDIA_PAD_FL_MUST_CONNECT};

	plug();
	ok0(mediadev_pipeline_start(scaler, 0, &one));
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, 0));
	ok_error(mediadev_pipeline_start(scaler, 1, &other), -EBUSY,
		 NAME "pipeline_start: \"Scaler\":0: it is in another pipeline");
	ok0(mediadev_pipeline_start(sensor, 0, &other));
	ok0(mediadev_pipeline_stop(scaler, 0, &one));
	mediadev_entity *display = mediadev_entity_add(device, "Display", 0, must, 1);
	ok0(mediadev_link_add(scaler, 1, display, 0, 0));
	ok_error(mediadev_pipeline_start(display, 0, &one), -ENOLINK,
		 NAME "pipeline_start: \"Display\":0: it must be connected, and no link of it is enabled");
	ok0(mediadev_link_setup(scaler, 1, display, 0, ENABLED));
	does.validate = -EPIPE;
	ok_int(mediadev_pipeline_start(display, 0, &one), -EPIPE);
	ok_contains(mediadev_last_error(), NAME "pipeline_start: \"Scaler\":1 -> \"Display\":0: link_validate: ");
	ok_int(mediadev_pad_is_streaming(display, 0), 0);
	does.validate = 0;
	ok0(mediadev_pipeline_start(display, 0, &one));
	/* A device that is gone streams nothing new, and what streams can be stopped. */
	unplug();
	ok_int(mediadev_pipeline_start(display, 0, &one), -ENODEV);
	ok0(mediadev_pipeline_stop(display, 0, &one));
	mediadev_entity_put(display);
	let_go();
}

TEST("M4 what may be put into a graph")
{
	uint32_t flags[513] = {SINK | SOURCE}, id;
	mediadev_device *other = mediadev_device_new(&camera_info, NULL, NULL);
	mediadev_entity *far = mediadev_entity_add(other, "far", 0, (uint32_t[]){SINK}, 1);

	plug();
	ok_none(mediadev_entity_add(device, "", 0, NULL, 0), EINVAL,
		NAME "an entity cannot be called \"\": 1 to 63 bytes, no NUL");
	ok_none(mediadev_entity_add(device, "x", 0, flags, 1), EINVAL,
		NAME "\"x\":0 is to have the flags 0x3: a pad is a sink or a source");
	ok_none(mediadev_entity_add(device, "x", 0, flags, 513), EINVAL,
		NAME "\"x\" is to have 513 pads, and 512 is the most");
	ok_error(mediadev_link_add(sensor, 0, scaler, 0, 0), -EEXIST,
		 NAME "\"Sensor\":0 -> \"Scaler\":0: there is such a link");
	ok_error(mediadev_link_add(scaler, 0, capture, 0, 0), -EINVAL,
		 NAME "\"Scaler\":0 -> \"Capture\":0: \"Scaler\":0 is no source");
	ok_error(mediadev_link_add(scaler, 1, capture, 1, 0), -EINVAL, NAME "\"Capture\": it has 1 pads, and no pad 1");
	ok_error(mediadev_link_add(scaler, 1, capture, 0, 1 << 5), -EINVAL,
		 NAME "\"Scaler\":1 -> \"Capture\":0: unknown flags 0x20 of a link");
	ok_error(mediadev_link_add(sensor, 0, far, 0, 0), -EINVAL,
		 NAME "\"Sensor\" and " NAME "\"far\" are of different devices");
	ok_int(mediadev_link_setup(sensor, 0, far, 0, 1), -EINVAL);
	ok_int(mediadev_ancillary_link(sensor, far), -EINVAL);
	ok_error(mediadev_interface_link(sensor, 0x3000001, 0), -ENOENT, NAME "no interface has the id 0x3000001");
	ok0(mediadev_interface_add(device, 0x999, 0, 0, 0, &id));
	ok_int(mediadev_interface_link(sensor, id, 1 << 5), -EINVAL);
	ok0(mediadev_interface_link(sensor, id, ENABLED));
	ok0(mediadev_interface_remove(device, id));
	ok_int(mediadev_interface_remove(device, id), -ENOENT);
	mediadev_entity_put(far);
	mediadev_device_put(other);
	unplug_and_let_go();
}
