"use strict";
// Runs jsii's kernel in the very process that the host language starts. The kernel talks through descriptor 3;
// the host through standard input and output. Whatever else is written there goes to standard error, in the
// form in which jsii's host expects it: one JSON object a line.
const fs = require("fs");

const { readSync, writeSync } = fs;
const STREAMS = { 1: "stdout", 2: "stderr" };

function passOn(stream, bytes) {
  writeSync(2, `${JSON.stringify({ [stream]: bytes.toString("base64") })}\n`);
  return bytes.length;
}

fs.readSync = (descriptor, ...rest) => readSync(descriptor === 3 ? 0 : descriptor, ...rest);

fs.writeSync = (descriptor, data, ...rest) => {
  if (!(descriptor in STREAMS)) return writeSync(descriptor === 3 ? 1 : descriptor, data, ...rest);
  if (typeof data === "string") return passOn(STREAMS[descriptor], Buffer.from(data, rest[1]));
  const [offset = 0, length = data.length - offset] = rest;
  return passOn(STREAMS[descriptor], data.subarray(offset, offset + length));
};

for (const stream of Object.values(STREAMS)) {
  process[stream].write = (chunk, encoding, done) => {
    const [code, written] = typeof encoding === "function" ? [undefined, encoding] : [encoding, done];
    passOn(stream, typeof chunk === "string" ? Buffer.from(chunk, code) : chunk);
    if (written) process.nextTick(written);
    return true;
  };
}

// cdktf notes for every token where it was made, without a limit to the frames: all of them are its own and the
// kernel's, none the caller's, and they are half of the memory that a stack takes. An error's own trace has a limit, and stays.
const { captureStackTrace, stackTraceLimit } = Error;
Error.captureStackTrace = (object, below) => {
  if (Error.stackTraceLimit > stackTraceLimit) object.stack = "";
  else captureStackTrace(object, below);
};

require("../lib/program.js");
