// Spans of time, in UTC seconds, and how keys move them. No DOM.
export interface Span {
  from: number;
  to: number;
}

const kShift = 0.25; // of the span's length
const kShortest = 60;

// The span after a key: arrows move it, + and - zoom. undefined: the key means nothing here.
export function moved(span: Span, key: string): Span | undefined {
  const length = span.to - span.from;
  const shift = { ArrowLeft: -kShift, ArrowRight: kShift }[key];
  if (shift !== undefined) {
    return { from: span.from + shift * length, to: span.to + shift * length };
  }
  const zoom = { "+": 0.5, "=": 0.5, "-": 2 }[key];
  return zoom === undefined ? undefined : zoomed(span, zoom);
}

function zoomed(span: Span, factor: number): Span {
  const half = Math.max(kShortest, (span.to - span.from) * factor) / 2;
  const middle = (span.from + span.to) / 2;
  return { from: middle - half, to: middle + half };
}
