// A form for a recipe, made from the JSON Schema of recipes: a control for each setting, with what the setting means.
import { h } from './common.js';

// What a run finds out itself, or the page asks for elsewhere.
const left = new Set(['$schema', 'version', 'name', 'from', 'data.sha256', 'data.found', 'data.classNames', 'data.set', 'length.steps']);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The form of a recipe: { element, changes(), mark(error) }. */
export function editor(schema, recipe) {
  const definition = node => node.$ref ? definition(schema.$defs[node.$ref.slice('#/$defs/'.length)]) : node;
  const kindsOf = union => union.oneOf.map(definition).filter(one => one.properties?.kind?.const);
  const words = node => node.description ?? '';
  const marked = [];

  // A control has an element and says its value; undefined where the setting is left open.
  function control(node, path, value) {
    const nullable = node.anyOf?.some(one => one.type === 'null');
    const about = words(node) || words(definition(node));
    const inner = definition(nullable ? node.anyOf.find(one => one.type !== 'null') : node);
    const named = path.split('.').at(-1);
    if (inner.oneOf) return union(inner, path, named, about, value, nullable);
    if (inner.type === 'object' && inner.properties && !nullable) return record(inner, path, named, about, value);
    if (inner.type === 'array' && Array.isArray(value) && value.length && typeof value[0] === 'object')
      return list(inner, path, named, about, value);
    return leaf(inner, path, named, about, value, nullable);
  }

  function wrapped(element, named, about, path) {
    element.id = `setting-${path}`;
    const box = h('div', { class: 'field' }, h('label', { for: element.id }, named), element, about ? h('small', {}, about) : null);
    marked.push([path, box]);
    return box;
  }

  function leaf(node, path, named, about, value, nullable) {
    if (node.enum) {
      const options = [...nullable ? [''] : [], ...node.enum];
      const choice = h('select', {}, options.map(word => h('option', { value: word }, word === '' ? 'none' : word)));
      choice.value = value ?? '';
      return { element: wrapped(choice, named, about, path), value: () => choice.value === '' ? null : choice.value };
    }
    if (node.type === 'boolean') {
      const box = h('input', { type: 'checkbox' });
      box.checked = value === true;
      return { element: wrapped(box, named, about, path), value: () => box.checked };
    }
    const isNumber = node.type === 'number' || node.type === 'integer';
    const isText = node.type === 'string';
    const input = h('input', isNumber ? { type: 'number', step: node.type === 'integer' ? 1 : 'any', min: node.minimum } : { type: 'text' });
    const written = value === null || value === undefined ? '' : isNumber || isText ? String(value) : JSON.stringify(value);
    input.value = written;
    return {
      element: wrapped(input, named, about, path),
      value: () => {
        if (input.value === written) return value;
        if (input.value === '') return nullable ? null : undefined;
        if (isNumber) return Number(input.value);
        if (isText) return input.value;
        try { return JSON.parse(input.value); } catch { return input.value; }
      },
    };
  }

  function record(node, path, named, about, value) {
    const fields = Object.entries(node.properties)
      .filter(([name, inner]) => !inner.const && !left.has(path ? `${path}.${name}` : name))
      .map(([name, inner]) => [name, control(inner, path ? `${path}.${name}` : name, value?.[name])]);
    const group = h('fieldset', {}, h('legend', {}, named), about ? h('small', {}, about) : null, fields.map(([, one]) => one.element));
    return {
      element: group, fields,
      value: () => ({ ...value, ...Object.fromEntries(fields.map(([name, one]) => [name, one.value()]).filter(([, one]) => one !== undefined)) }),
      changes: () => fields.flatMap(([name, one]) => changesOf(one, path ? `${path}.${name}` : name, value?.[name])),
    };
  }

  function list(node, path, named, about, value) {
    const items = value.map((item, index) => control(node.items, `${path}.${index}`, item));
    const group = h('fieldset', {}, h('legend', {}, named), about ? h('small', {}, about) : null, items.map(one => one.element));
    return {
      element: group, value: () => items.map(one => one.value()),
      changes: () => items.flatMap((one, index) => changesOf(one, `${path}.${index}`, value[index])),
    };
  }

  function union(node, path, named, about, value, nullable) {
    const kinds = kindsOf(node);
    const choice = h('select', {}, nullable ? h('option', { value: '' }, 'none') : null,
      kinds.map(one => h('option', { value: one.properties.kind.const }, one.properties.kind.const)));
    choice.value = value?.kind ?? '';
    const inside = h('div', { class: 'field' });
    let body = null;
    const fill = () => {
      const kind = kinds.find(one => one.properties.kind.const === choice.value);
      body = kind ? record(kind, path, '', words(kind), choice.value === value?.kind ? value : {}) : null;
      inside.replaceChildren(...body ? [body.element] : []);
    };
    choice.addEventListener('change', fill);
    fill();
    const element = h('fieldset', {}, h('legend', {}, named), about ? h('small', {}, about) : null, wrapped(choice, 'kind', '', path), inside);
    const now = () => choice.value === '' ? null : choice.value === value?.kind
      ? body.value() : { kind: choice.value, ...body.value() };
    return {
      element, value: now,
      changes: () => same(now(), value ?? null) ? []
        // Another kind takes over what it needs from the one before, unless it is said here.
        : choice.value !== '' && choice.value !== value?.kind && Object.keys(now()).length === 1 ? [{ path, value: choice.value }]
        : [{ path, value: JSON.stringify(now()) }],
    };
  }

  const changesOf = (one, path, before) => one.changes ? one.changes()
    : one.value() === undefined || same(one.value(), before ?? null) ? [] : [{ path, value: JSON.stringify(one.value()) }];

  const top = record(definition(schema), '', '', '', recipe);
  const parts = top.fields.map(([name, one]) => one.element.matches('fieldset')
    ? h('details', {}, h('summary', {}, name), one.element) : one.element);
  return {
    element: h('div', { class: 'settings-form' }, parts),
    changes: top.changes,
    mark: error => {
      for (const [path, box] of marked) box.classList.toggle('wrong', Boolean(error) && path.length > 0 && error.includes(path));
    },
  };
}
