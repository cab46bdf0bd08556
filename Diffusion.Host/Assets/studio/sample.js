// The page Sample: settings on the left, samples as they form on the right.
import { ask, code, debounced, events, field, file, find, h, latest, save, select, slider, status } from './common.js';
import { player } from './player.js';

const main = find('#content');
const said = status();
const shownSteps = player();
const sheet = h('img', { alt: 'The samples' });
const shown = h('figure', { class: 'sheet', hidden: true }, h('figcaption', {}, 'The sheet of the command line, pixel for pixel'), sheet);
const saving = h('div', { class: 'row' });
const facts = h('p', { class: 'status' });
const plan = h('pre');
const line = code('On the command line');
const csharp = code('In C#');

const { models, samplers } = await ask('/models');
const asked = new URLSearchParams(location.search).get('model');
const model = select('Model', models.map(one => [one.name, `${one.name} (${one.origin})`]), undefined,
  models.some(one => one.name === asked) ? asked : undefined);
const sampler = select('Sampler', [['', "the model's own"], ...samplers.map(one => [one.name, `${one.name}: ${one.description}`])]);
const steps = slider('Steps', { min: 1, max: 100, step: 1 });
const eta = slider('η, stochasticity', { min: 0, max: 1, step: 0.05, hint: '0 is deterministic' });
const guidance = slider('Guidance w', { min: -1, max: 8, step: 0.1, least: -100, most: 100,
  hint: '0 is the conditional model, −1 the unconditional one; the guidance scale is 1 + w' });
const from = h('input', { type: 'number', min: 0, step: 'any', placeholder: '0' });
const to = h('input', { type: 'number', min: 0, step: 'any', placeholder: '∞' });
const interval = h('div', { class: 'row' }, field('Guided from σ/α', from), field('to σ/α', to));
const label = select('Label', []);
const seed = h('input', { type: 'number', min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, placeholder: "the model's" });
const count = slider('Samples', { min: 1, max: 64, step: 1, value: 20 });
const draw = h('button', { class: 'primary' }, 'Draw');
const form = h('form', { onsubmit: event => { event.preventDefault(); start(); } },
  model, sampler, steps, eta, label, h('fieldset', {}, h('legend', {}, 'Guidance'), guidance, interval),
  h('div', { class: 'field' }, field('Seed', seed), h('div', { class: 'row' },
    h('button', { type: 'button', onclick: () => { seed.value = Math.floor(Math.random() * 1e6); start(); } }, 'Another seed'))),
  count, draw);

main.append(h('div', { class: 'work' }, form, h('div', {},
  said,
  shownSteps.element,
  facts, saving, shown, line, csharp, h('details', {}, h('summary', {}, 'The plan, step by step'), plan))));

const chosen = () => models.find(one => one.name === model.value);

function adapt() {
  const one = chosen();
  const options = one.classes.map(name => [name, name]);
  label.control.replaceChildren(...[['', 'all in turn'], ...options].map(([value, text]) => h('option', { value }, text)));
  label.hidden = one.classes.length === 0;
  find('fieldset', form).hidden = one.classes.length === 0;
  steps.most = Math.min(one.mostSteps ?? 1000, 1000);
  steps.value = one.steps;
  guidance.value = one.guidanceW;
  adaptSampler();
}

function adaptSampler() {
  const name = sampler.value || chosen().sampler;
  eta.hidden = !samplers.find(one => one.name === name)?.hasEta;
  if (eta.hidden) eta.value = null;
}

/** The settings as the API takes them; those that are the model's own are left out. */
function question() {
  const one = chosen();
  const number = input => input.value === '' ? null : Number(input.value);
  const guided = one.classes.length > 0 && (from.value !== '' || to.value !== '');
  const entries = {
    model: one.name, sampler: sampler.value || null, steps: steps.value === one.steps && !sampler.value ? null : steps.value,
    eta: eta.value, guidance: one.classes.length && guidance.value !== one.guidanceW ? guidance.value : null,
    guidedFrom: guided ? number(from) ?? 0 : null, guidedTo: guided ? number(to) ?? 1e6 : null,
    label: label.value || null, seed: number(seed), count: count.value,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));
}

const run = latest(async (signal, wanted) => {
  said.say('asking');
  draw.disabled = true;
  let [samples, total] = [0, 0];
  const began = performance.now();
  for await (const [name, answer] of events('/samples', wanted, signal)) {
    if (signal.aborted) return;
    if (name === 'waiting' && answer.ahead > 0) said.say(`waiting for ${answer.ahead} before this one`);
    if (name === 'plan') {
      [samples, total] = [answer.count, answer.steps];
      shownSteps.begin(samples, total);
      plan.textContent = answer.text;
      [line.text, csharp.text] = [answer.commandLine, answer.cSharp];
      facts.textContent = `${answer.sampler}: ${answer.networkCalls} network calls (NFE) a sample`
        + `${answer.guidance && answer.guidance !== 'none' ? `, guidance ${answer.guidance}` : ''}`;
      saving.replaceChildren(h('button', { type: 'button', onclick: () => film(wanted, 'gif') }, 'Save film (GIF)'),
        h('button', { type: 'button', onclick: () => film(wanted, 'webp') }, 'Save film (WebP)'));
    }
    if (name === 'step') {
      await shownSteps.add(answer);
      if (signal.aborted) return;
      said.say(`step ${answer.index} of ${total}`);
    }
    if (name === 'done') {
      sheet.src = `data:image/png;base64,${answer.sheet}`;
      sheet.dataset.question = JSON.stringify(wanted);
      sheet.alt = `${samples} samples: ${Object.entries(answer.facts).map(([key, value]) => `${key} ${value}`).join(', ')}`;
      shown.hidden = false;
      saving.append(h('a', { class: 'button', href: sheet.src, download: 'samples.png' }, 'Save sheet (PNG)'));
      said.say(`${samples} samples in ${answer.seconds.toFixed(1)} s, ${((performance.now() - began) / 1000).toFixed(1)} s with waiting`);
      draw.disabled = false;
    }
  }
});

async function start() {
  try {
    await run(question());
  } catch (trouble) {
    said.fail(trouble.message);
    draw.disabled = false;
  }
}

async function film(wanted, format) {
  try {
    said.say('drawing the film');
    save(await file(`/samples/film?format=${format}`, wanted), `samples.${format}`);
    said.say('the film is saved');
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

model.addEventListener('change', adapt);
sampler.addEventListener('change', adaptSampler);
// What is drawn follows the settings, from the same noise, once there is something.
form.addEventListener('change', debounced(() => { if (shownSteps.steps) start(); }));
adapt();
main.dataset.ready = '';
