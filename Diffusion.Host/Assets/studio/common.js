// What the modules of all pages share.

/** The first element that a selector finds. */
export const find = (selector, root = document) => root.querySelector(selector);

/** An element: its name, its attributes (on... is a listener, a null is left out), and what is in it. */
export function h(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...content.flat(Infinity).filter(item => item !== null && item !== undefined && item !== false));
  return element;
}

const post = (body, signal) => ({
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal,
});

async function answered(response) {
  if (response.ok) return response;
  const fault = await response.json().catch(() => ({ error: `${response.status} ${response.statusText}` }));
  throw new Error(fault.error ?? `${response.status}`);
}

/** What the API answers to a GET, or to a POST where there is a body. */
export async function ask(path, body, signal) {
  const response = await answered(await fetch(`/api${path}`, body === undefined ? { signal } : post(body, signal)));
  const text = await response.text();
  return text.length ? JSON.parse(text) : null;
}

/** The file that the API answers to a POST. */
export const file = async (path, body, signal) => (await answered(await fetch(`/api${path}`, post(body, signal)))).blob();

/** The server-sent events of a GET, or of a POST where there is a body, as [name, content]. A failure is thrown. */
export async function* events(path, body, signal) {
  const response = await answered(await fetch(`/api${path}`, body === undefined ? { signal } : post(body, signal)));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (pending + value).split('\n\n');
      pending = parts.pop();
      for (const part of parts) {
        const fields = part.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
        const name = fields.find(([key]) => key === 'event')?.[1] ?? 'message';
        const content = JSON.parse(fields.filter(([key]) => key === 'data').map(([, text]) => text).join('\n') || 'null');
        if (name === 'failed') throw new Error(content.error);
        yield [name, content];
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

let numbered = 0;

/** A labelled control. `hint` says more. */
export function field(label, control, hint) {
  control.id ||= `field-${++numbered}`;
  const about = hint ? h('small', { id: `${control.id}-hint` }, hint) : null;
  if (about) control.setAttribute('aria-describedby', about.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, about);
}

/** A slider with a number beside it that say the same. Its value is a number; null where it is empty. */
export function slider(label, { min, max, step, value = '', placeholder = '', hint, most = max, least = min }) {
  const number = h('input', { type: 'number', min: least, max: most, step: 'any', value, placeholder, 'aria-label': `${label}, exactly` });
  const range = h('input', { type: 'range', min, max, step, value: value === '' ? Math.max(min, Math.min(0, max)) : value });
  const element = field(label, range, hint);
  range.replaceWith(h('div', { class: 'two' }, range.cloneNode(), number));
  const moved = find('input[type=range]', element);
  const changed = () => element.dispatchEvent(new Event('change', { bubbles: true }));
  moved.addEventListener('input', () => { number.value = moved.value; changed(); });
  moved.addEventListener('change', event => event.stopPropagation());
  number.addEventListener('input', () => { if (number.value !== '') moved.value = number.value; changed(); });
  number.addEventListener('change', event => event.stopPropagation());
  return Object.defineProperties(element, {
    value: {
      get: () => number.value === '' ? null : Number(number.value),
      set: next => { number.value = next ?? ''; if (next !== null && next !== '') moved.value = next; },
    },
    most: { set: next => { moved.max = next; number.max = next; } },
    range: { value: moved },
  });
}

/** A choice among [value, text] or texts. */
export function select(label, options, hint, value) {
  const control = h('select', {}, options.map(option =>
    Array.isArray(option) ? h('option', { value: option[0] }, option[1]) : h('option', {}, option)));
  if (value !== undefined) control.value = value;
  return Object.defineProperties(field(label, control, hint), {
    value: { get: () => control.value, set: next => { control.value = next; } },
    control: { value: control },
  });
}

/** A text to be copied. */
export function code(label) {
  const text = h('code');
  const copy = h('button', { type: 'button', onclick: async () => {
    await navigator.clipboard?.writeText(text.textContent);
    copy.textContent = 'Copied';
    setTimeout(() => { copy.textContent = 'Copy'; }, 1500);
  } }, 'Copy');
  const element = h('div', { class: 'field' }, h('span', { class: 'label' }, label), h('div', { class: 'code' }, h('pre', {}, text), copy));
  return Object.defineProperty(element, 'text', { set: next => { text.textContent = next; } });
}

/** A line that says how things are, also to those who do not see it. */
export function status() {
  const line = h('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
  return Object.assign(line, {
    say: text => { line.classList.remove('bad'); line.textContent = text; },
    fail: text => { line.classList.add('bad'); line.textContent = text; },
  });
}

/** Calls the last of several calls, once they have paused. */
export function debounced(work, pause = 150) {
  let timer = 0;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), pause); };
}

/** Work of which only the latest call goes on: one before it is aborted. */
export function latest(work) {
  let before = new AbortController();
  return async (...given) => {
    before.abort();
    const own = before = new AbortController();
    try {
      return await work(own.signal, ...given);
    } catch (trouble) {
      if (!own.signal.aborted) throw trouble;
      return undefined;
    }
  };
}

/** An image from a PNG in Base64. */
export async function bitmapOf(png) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  return image;
}

/** Draws the images of a frame { image, columns, count } from number `first` on, into a grid of `columns` with gaps. */
export function place(canvas, frame, first, { columns, height, width, gap = 2 }) {
  const pen = canvas.getContext('2d');
  for (let k = 0; k < frame.count; k++) {
    const at = first + k;
    const [left, top] = [gap + (at % columns) * (width + gap), gap + Math.floor(at / columns) * (height + gap)];
    // What is transparent shows what was there before.
    pen.clearRect(left, top, width, height);
    pen.drawImage(frame.image, (k % frame.columns) * width, Math.floor(k / frame.columns) * height, width, height,
      left, top, width, height);
  }
}

/** The size of a canvas for so many images. */
export function size(canvas, count, { columns, height, width, gap = 2 }) {
  const next = [gap + columns * (width + gap), gap + Math.ceil(count / columns) * (height + gap)];
  if (canvas.width !== next[0] || canvas.height !== next[1]) [canvas.width, canvas.height] = next;
  else canvas.getContext('2d').clearRect(0, 0, ...next);
}

/** Saves a blob under a name. */
export function save(blob, name) {
  const link = h('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A number in few digits. */
export const short = number => number === null || number === undefined || Number.isNaN(number) ? ''
  : Math.abs(number) >= 1e5 || (number !== 0 && Math.abs(number) < 1e-3) ? number.toExponential(2) : String(Number(number.toPrecision(4)));
