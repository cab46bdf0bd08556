// The page Guidance: a row of samples for each strength, all from the same noise.
import { ask, code, debounced, events, field, find, h, latest, bitmapOf, place, select, short, size, slider, status } from './common.js';

const main = find('#content');
const said = status();
const [{ models, samplers }, classifiers] = await Promise.all([ask('/models'), ask('/guidance/classifiers')]);
const labelled = models.filter(one => one.classes.length);

const model = select('Model', labelled.map(one => [one.name, `${one.name} (${one.origin})`]));
const by = select('Guided by', [['', 'classifier-free guidance'], ...classifiers.map(name => [name, `the classifier ${name}`])],
  'classifier-free: (1 + w) conditional − w unconditional; a classifier adds s times its gradient');
const strengths = h('input', { value: '-1, 0, 0.3, 1, 3, 8', autocomplete: 'off' });
const strength = field('w of each row', strengths, 'numbers with commas between them; at most 12');
const sampler = select('Sampler', [['', "the model's own"], ...samplers.map(one => [one.name, `${one.name}: ${one.description}`])]);
const steps = slider('Steps', { min: 1, max: 50, step: 1, most: 1000 });
const label = select('Label', []);
const seed = h('input', { type: 'number', min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, placeholder: "the model's" });
const count = slider('Samples in a row', { min: 1, max: 10, step: 1, value: 10, most: 64 });
const draw = h('button', { class: 'primary' }, 'Draw');
const form = h('form', { onsubmit: event => { event.preventDefault(); start(); } },
  model, by, strength, sampler, steps, label, field('Seed', seed), count, draw);
const rows = h('div', { class: 'strips' });
const line = code('On the command line');
const swept = h('section', { hidden: true });
main.append(h('div', { class: 'work' }, form, h('div', {}, said, rows, line, swept)));

const chosen = () => labelled.find(one => one.name === model.value);

async function adapt() {
  const one = chosen();
  label.control.replaceChildren(...[['', 'all in turn'], ...one.classes.map(name => [name, name])]
    .map(([value, text]) => h('option', { value }, text)));
  steps.value = one.steps;
  find('label', strength).textContent = by.value ? 's of each row' : 'w of each row';
  await sweep(one.name);
}

// What was measured of the model, where a sweep was made.
async function sweep(name) {
  const answer = await ask(`/guidance/sweep?model=${encodeURIComponent(name)}`);
  swept.hidden = answer.rows.length === 0;
  swept.replaceChildren(h('h2', {}, 'The sweep of this model'), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sweep' },
      h('table', {}, h('caption', {}, 'Precision falls where images are unclear, recall where they lack variety; accuracy is the share that is recognised'),
        h('thead', {}, h('tr', {}, answer.columns.map(column => h('th', { scope: 'col' }, column.replaceAll('_', ' '))))),
        h('tbody', {}, answer.rows.map(row => h('tr', {}, row.map((cell, index) =>
          h(index ? 'td' : 'th', index ? { class: 'number' } : { scope: 'row' }, cell === '' || Number.isNaN(Number(cell)) ? cell : short(Number(cell))))))))));
}

function question() {
  const one = chosen();
  const entries = {
    model: one.name, sampler: sampler.value || null, steps: steps.value === one.steps && !sampler.value ? null : steps.value,
    label: label.value || null, seed: seed.value === '' ? null : Number(seed.value), count: count.value,
  };
  return {
    samples: Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null)),
    strengths: strengths.value.split(',').map(text => text.trim()).filter(text => text.length).map(Number),
    ...by.value ? { classifier: by.value } : {},
  };
}

const run = latest(async (signal, wanted) => {
  said.say('asking');
  const began = performance.now();
  let drawn = 0;
  for await (const [name, answer] of events('/guidance', wanted, signal)) {
    if (signal.aborted) return;
    if (name === 'waiting' && answer.ahead > 0) said.say(`waiting for ${answer.ahead} before this one`);
    if (name === 'row') {
      const image = await bitmapOf(answer.frame.png);
      if (answer.row === 0) rows.replaceChildren();
      const { columns, count: many } = answer.frame;
      const layout = { columns: many, width: image.width / columns, height: image.height / Math.ceil(many / columns) };
      const canvas = h('canvas', { class: 'samples', role: 'img', 'aria-label': `${many} samples, ${answer.guidance}` });
      size(canvas, many, layout);
      place(canvas, { image, columns, count: many }, 0, layout);
      rows.append(h('figure', {}, h('figcaption', {}, h('b', {}, `${wanted.classifier ? 's' : 'w'} = ${answer.strength}`),
        wanted.classifier ? '' : `, guidance scale ${short(1 + answer.strength)}`), canvas));
      said.say(`${++drawn} of ${wanted.strengths.length} rows`);
    }
    if (name === 'done') {
      line.text = answer.commandLine;
      said.say(`${drawn} rows in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
  }
});

async function start() {
  try {
    await run(question());
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

if (labelled.length) {
  for (const one of [model, by]) one.addEventListener('change', adapt);
  form.addEventListener('change', debounced(() => { if (rows.children.length) start(); }, 300));
  await adapt();
} else said.fail('No model here has labels.');
main.dataset.ready = '';
