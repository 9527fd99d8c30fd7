// SPDX-License-Identifier: MIT
// The frames of the programs' memory: pages of regions that this process has mapped, so that it reaches the programs'
// memory without a system call. A frame that several programs share has as many references.
#ifndef LINUX_FRAMES_H
#define LINUX_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define FRAME_NONE 0u // no frame has this number

// Takes a frame with one reference, filled with zeroes. FRAME_NONE: there is no memory. Frames that are taken one after
// the other are next to each other most often.
uint32_t frame_take(void);
void frame_hold(uint32_t frame);
void frame_release(uint32_t frame);
bool frame_is_shared(uint32_t frame);
// Its bytes in this process.
uint8_t *frame_bytes(uint32_t frame);
// Its region's handle; *page is its index there.
long frame_region(uint32_t frame, uint64_t *page);
// Whether two frames follow each other in one region.
bool frames_are_adjacent(uint32_t first, uint32_t second);

#endif
