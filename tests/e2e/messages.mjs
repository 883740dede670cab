// As much of the packed messages between page and worker as tests need that break one of the two.
//
// A message begins with three variable-length numbers: version, generation, and the number of its kind. A native
// test of `wire::packet` fails when one of the numbers below changes.

/** Numbers of kinds of requests. */
export const REQUESTS = { Open: 0, Details: 4 };

/** JavaScript for a worker's script: reads messages. */
export const READER = `
  const PROGRESS = 1;
  const LINKING = 1;

  /** The number at \`at\`, seven bits a byte, and where it ends. */
  function number(bytes, at) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return [value, at];
    }
  }

  /** The \`n\` numbers at \`at\`, and where they end. */
  function numbers(bytes, at, n) {
    const values = [];
    while (values.length < n) {
      const [value, end] = number(bytes, at);
      values.push(value);
      at = end;
    }
    return [values, at];
  }

  const kindOf = (bytes) => numbers(bytes, 0, 3)[0][2];

  /** The phase and the bytes read of a message of progress, else nothing. */
  function progressOf(bytes) {
    const [[, , kind, phase, name], at] = numbers(bytes, 0, 5);
    if (kind !== PROGRESS) return undefined;
    const [[, , read]] = numbers(bytes, at + name, 3);
    return { isLinking: phase === LINKING, read };
  }

  /** The message with another number in the place of its last one. */
  function withLast(bytes, value) {
    let end = bytes.length - 1;
    while (end > 0 && bytes[end - 1] >= 128) end -= 1;
    const last = [];
    while (value >= 128) {
      last.push((value % 128) + 128);
      value = Math.floor(value / 128);
    }
    return new Uint8Array([...bytes.subarray(0, end), ...last, value]);
  }
`;
