/* Meson's link_whole wants a library for each dependency of libmediasoup-worker, a target that is not built here. */
typedef int stub_t;
