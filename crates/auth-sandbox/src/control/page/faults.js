// Faults: the scripts of a provider.

/** Faults with a switch. `at` says where: at the token endpoint, at the resource, or everywhere if it is absent. */
const FAULTS = [
  { label: '503', step: { reply: { status: 503 } } },
  { label: '429, retry later', step: { reply: { status: 429, headers: { 'retry-after': '30' } } } },
  { label: '401 invalid_client', at: 'token', step: { reply: { status: 401, json: { error: 'invalid_client' } } } },
  { label: '401 invalid_token', at: 'resource',
    step: { reply: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } } } },
  { label: 'slow, 3 s', step: { delay_ms: 3000, token: {} } },
  { label: 'closed', step: { raw: {} } },
  { label: 'reset', step: { raw: { then: 'reset' } } },
  { label: 'silent', step: { raw: { then: 'silence' } } },
  { label: 'HTML',
    step: { reply: { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Maintenance</h1>' } } },
  { label: 'no expires_in', at: 'token', step: { token: { omit: ['expires_in'] } } },
  { label: 'lives 5 s', at: 'token', step: { token: { lifetime_seconds: 5 } } },
  { label: 'same token', at: 'token', step: { token: { repeat_last: true } } },
];

const EXAMPLE = '{ "next": [{ "times": 2, "reply": { "status": 503 } }],\n  "always": { "delay_ms": 200, "token": {} } }';

/** A step of a fault in the form in which the sandbox reports it. */
function outline({ delay_ms = 0, token, reply, raw }) {
  if (token) {
    const { lifetime_seconds = null, repeat_last = false, set = {}, omit = [] } = token;
    return { delay_ms, token: { lifetime_seconds, repeat_last, set: Object.keys(set), omit } };
  }
  if (reply) {
    const { status, headers = {}, body = '', json } = reply;
    const text = json === undefined ? body : JSON.stringify(json);
    const names = Object.keys(headers).concat(json === undefined ? [] : ['content-type']);
    return { delay_ms, reply: { status, headers: names, body_bytes: new TextEncoder().encode(text).length } };
  }
  return { delay_ms, raw: { bytes: 0, then: raw.then ?? 'close' } };
}

/** A reported step in words. */
function described({ delay_ms, token, reply, raw }) {
  const parts = [];
  if (token) {
    parts.push('normal');
    if (token.lifetime_seconds !== null) parts.push(`lifetime ${token.lifetime_seconds} s`);
    if (token.repeat_last) parts.push('the last token again');
    if (token.set.length > 0) parts.push(`with another ${token.set.join(', ')}`);
    if (token.omit.length > 0) parts.push(`without ${token.omit.join(', ')}`);
  } else if (reply) {
    parts.push(`status ${reply.status}`);
    if (reply.headers.length > 0) parts.push(reply.headers.join(', '));
    if (reply.body_bytes > 0) parts.push(`${reply.body_bytes} bytes`);
  } else {
    parts.push(raw.bytes > 0 ? `${raw.bytes} raw bytes` : 'no response');
    parts.push({ close: 'connection closed', reset: 'connection reset', silence: 'silence' }[raw.then] ?? raw.then);
  }
  if (delay_ms > 0) parts.push(`after ${delay_ms} ms`);
  return parts.join(', ');
}

function scriptInWords({ remaining, next, always }) {
  const parts = next.map((step) => `next ${step.times}: ${described(step)}`);
  const listed = next.reduce((sum, step) => sum + step.times, 0);
  if (remaining > listed) parts.push(`${remaining - listed} more`);
  if (parts.length > 0) parts.push(`then: ${always ? described(always) : 'normal'}`);
  return parts.length > 0 ? parts.join('; ') : always ? described(always) : 'normal';
}

function scriptView(provider, target, legend) {
  const view = byId('script').content.cloneNode(true).querySelector('fieldset');
  const path = `scripts/${provider}/${target}`;
  view.querySelector('legend').textContent = legend;
  view.querySelector('.path').textContent = INTERFACE + path;
  const span = view.querySelector('select');
  const apply = (step) => span.value === 'always'
    ? call('PUT', path, { always: step })
    : call('POST', path, { next: [{ times: Number(span.value), ...step }] });
  const normal = element('button', { type: 'button', textContent: 'normal', onclick: () => act(() => call('DELETE', path)) });
  normal.dataset.fault = 'normal';
  const switches = FAULTS.filter(({ at }) => at === undefined || at === target).map(({ label, step }) => {
    const button = element('button', { type: 'button', textContent: label });
    button.dataset.fault = label;
    button.setAttribute('role', 'switch');
    button.onclick = () => act(() => (isOn(button) ? call('DELETE', path) : apply(step)));
    return { button, words: described(outline(step)) };
  });
  view.querySelector('.switches').append(normal, ...switches.map(({ button }) => button));
  const custom = view.querySelector('.custom');
  custom.elements.script.placeholder = EXAMPLE;
  custom.onsubmit = (event) => {
    event.preventDefault();
    act(() => call('PUT', path, custom.elements.script.value));
  };
  const output = view.querySelector('output');
  const show = (script) => {
    const words = scriptInWords(script);
    setText(output, words);
    output.className = words === 'normal' ? '' : 'faulty';
    const always = script.always && described(script.always);
    for (const { button, words } of switches) button.setAttribute('aria-checked', String(words === always));
  };
  return { view, show };
}

const isOn = (button) => button.getAttribute('aria-checked') === 'true';
