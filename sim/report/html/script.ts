/**
 * What the page does when a person points or presses keys: shows the values at a time and the message of a decision.
 * Without it the page lacks nothing but that; the tables say the same. It writes text only, never markup.
 */
export const SCRIPT: string = String.raw`
'use strict';
const timeText = (ms, lengthMs) => {
  if (lengthMs < 3000) return Number(ms.toFixed(1)) + ' ms';
  const seconds = ms / 1000;
  if (lengthMs < 600000) return seconds.toFixed(2) + ' s';
  const two = (value) => String(Math.floor(value)).padStart(2, '0');
  return Math.floor(seconds / 3600) + ':' + two((seconds / 60) % 60) + ':' + two(seconds % 60);
};
const element = (name, text) => {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
};
for (const chart of document.querySelectorAll('.chart')) {
  const data = JSON.parse(chart.querySelector('script').textContent);
  const plot = chart.querySelector('.plot');
  const lane = chart.querySelector('.lane');
  const cross = chart.querySelector('.cross');
  const tip = chart.querySelector('.tip');
  const marks = [...chart.querySelectorAll('.mark')];
  const placeOf = (mark) => Number(mark.dataset.at);

  const messageOf = (mark) => {
    const [time, ...message] = mark.getAttribute('aria-label').split(': ');
    return [element('strong', time), element('p', message.join(': '))];
  };
  const valuesAt = (bin) => {
    const list = document.createElement('dl');
    for (const { label, unit, values } of data.rows) {
      const value = values[bin];
      if (value === undefined) continue;
      const text = value === null ? '–' : (value.toLocaleString('en') + ' ' + unit).trim();
      list.append(element('dt', label), element('dd', text));
    }
    return [element('strong', timeText(bin * data.binMs, data.lengthMs)), list];
  };
  const show = (part, top, mark) => {
    const ms = part * data.widthMs;
    tip.replaceChildren(...(mark ? messageOf(mark) : valuesAt(Math.floor(ms / data.binMs))));
    cross.hidden = false;
    tip.hidden = false;
    cross.style.left = 100 * part + '%';
    const x = part * plot.clientWidth;
    const after = x + 14;
    const left = after + tip.offsetWidth <= plot.clientWidth + 8 ? after : x - 14 - tip.offsetWidth;
    const most = plot.clientWidth - tip.offsetWidth;
    tip.style.left = Math.max(Math.min(0, most), Math.min(left, Math.max(0, most))) + 'px';
    tip.style.top = Math.max(0, Math.min(top, plot.clientHeight - tip.offsetHeight)) + 'px';
    for (const one of marks) one.classList.toggle('on', one === mark);
  };
  const showMark = (mark) => {
    const laneBox = lane.getBoundingClientRect();
    show(placeOf(mark), laneBox.bottom - plot.getBoundingClientRect().top + 6, mark);
  };
  const rest = () => {
    const focused = marks.find((mark) => mark === document.activeElement);
    if (focused) return showMark(focused);
    cross.hidden = true;
    tip.hidden = true;
    for (const one of marks) one.classList.remove('on');
  };
  const move = (event) => {
    const box = plot.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    if (part < 0 || part > 1 || part * data.widthMs > data.lengthMs) return rest();
    const laneBox = lane.getBoundingClientRect();
    if (event.clientY >= laneBox.top && event.clientY <= laneBox.bottom) {
      const far = (mark) => Math.abs(placeOf(mark) - part) * box.width;
      const near = marks.reduce((best, mark) => (best && far(best) <= far(mark) ? best : mark), null);
      if (near && far(near) <= 12) return showMark(near);
    }
    show(part, event.clientY - box.top + 18, null);
  };
  plot.addEventListener('pointermove', move);
  plot.addEventListener('pointerdown', move);
  plot.addEventListener('pointerleave', rest);

  for (const mark of marks) {
    mark.addEventListener('focus', () => {
      for (const one of marks) one.setAttribute('tabindex', one === mark ? '0' : '-1');
      showMark(mark);
    });
    mark.addEventListener('blur', rest);
  }
  lane.addEventListener('keydown', (event) => {
    const index = marks.indexOf(document.activeElement);
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (event.key === 'Escape') {
      cross.hidden = true;
      tip.hidden = true;
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      showMark(marks[index]);
    } else if (next !== undefined) {
      event.preventDefault();
      marks[Math.max(0, Math.min(next, marks.length - 1))].focus();
    }
  });
}
// On paper nobody can open anything.
const closed = () => document.querySelectorAll('details:not([open])');
let opened = [];
addEventListener('beforeprint', () => {
  opened = [...closed()];
  for (const one of opened) one.open = true;
});
addEventListener('afterprint', () => {
  for (const one of opened) one.open = false;
});
`;
