-- SPDX-License-Identifier: MIT
-- Wireshark's dissector of captures that Sluice's `trace save` writes (apps/trace/pcapng.c):
--   wireshark -X lua_script:lib/wireshark/sluice.lua FILE.pcapng
-- Fields for filters: sluice.pipe == "/svc/vfs" && sluice.reply_time > 0.001

local sluice = Proto("sluice", "Sluice")
local fields = sluice.fields
fields.kind = ProtoField.string("sluice.kind", "Kind")
fields.sender = ProtoField.string("sluice.sender", "Sender")
fields.sender_pid = ProtoField.uint32("sluice.sender_pid", "Sender's pid")
fields.receiver = ProtoField.string("sluice.receiver", "Receiver")
fields.receiver_pid = ProtoField.uint32("sluice.receiver_pid", "Receiver's pid")
fields.pipe = ProtoField.string("sluice.pipe", "Pipe")
fields.pipe_number = ProtoField.uint32("sluice.pipe_number", "Pipe's number")
fields.length = ProtoField.uint32("sluice.length", "Length")
fields.value = ProtoField.uint64("sluice.value", "Value", base.HEX)
fields.reply_time = ProtoField.double("sluice.reply_time", "Seconds since the call")
fields.operation = ProtoField.string("sluice.operation", "Operation")
fields.text = ProtoField.string("sluice.text", "Text")
fields.data = ProtoField.bytes("sluice.data", "Content")

local NANOSECONDS = 1e9

function sluice.dissector(buffer, packet, tree)
    local offset = 0
    local subtree = tree:add(sluice, buffer())

    local function take(length)
        offset = offset + length
        return buffer(offset - length, length)
    end
    local function text()
        local length = take(2):le_uint()
        return length > 0 and take(length):string() or ""
    end

    offset = 4 -- the kind's number; its name follows
    local sender_pid, receiver_pid, pipe_number, length = take(4), take(4), take(4), take(4)
    local value, reply_time = take(8), take(8):le_uint64():tonumber()
    local kind, sender, receiver, pipe, operation, what = text(), text(), text(), text(), text(), text()

    subtree:add(fields.kind, kind)
    subtree:add(fields.sender, sender)
    subtree:add_le(fields.sender_pid, sender_pid)
    subtree:add(fields.receiver, receiver)
    subtree:add_le(fields.receiver_pid, receiver_pid)
    subtree:add(fields.pipe, pipe)
    subtree:add_le(fields.pipe_number, pipe_number)
    subtree:add_le(fields.length, length)
    subtree:add_le(fields.value, value)
    if reply_time > 0 then
        subtree:add(fields.reply_time, reply_time / NANOSECONDS)
    end
    if operation ~= "" then
        subtree:add(fields.operation, operation)
    end
    subtree:add(fields.text, what)
    if offset < buffer:len() then
        subtree:add(fields.data, buffer(offset))
    end
    packet.cols.protocol = "Sluice"
    packet.cols.src = sender .. "/" .. sender_pid:le_uint()
    packet.cols.dst = receiver .. "/" .. receiver_pid:le_uint()
    packet.cols.info = what
end
