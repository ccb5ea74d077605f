'use strict';
// Everything can be read without this: it sorts tables, and tells a mark's numbers to fingers and keyboards.
for (const table of document.querySelectorAll('table')) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
        const button = document.createElement('button');
        button.textContent = head.textContent;
        head.replaceChildren(button);
        const numeric = [...body.rows].some(row => row.cells[column].dataset.value !== undefined);
        head.classList.toggle('number', numeric);
        button.addEventListener('click', () => {
            const descending = head.ariaSort === 'ascending';
            for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
            head.ariaSort = descending ? 'descending' : 'ascending';
            const key = row => {
                const cell = row.cells[column];
                return numeric ? Number(cell.dataset.value ?? NaN) : cell.textContent;
            };
            const missing = value => numeric && Number.isNaN(value);
            const compare = (a, b) => {
                const x = key(a), y = key(b);
                // What is missing stays last in either order.
                if (missing(x) || missing(y)) return missing(x) - missing(y);
                const order = numeric ? Math.sign(x - y) : x.localeCompare(y, 'en', {numeric: true});
                return descending ? -order : order;
            };
            body.append(...[...body.rows].sort(compare));
        });
    });
}
const status = document.getElementById('status');
const near = 28;
let chosen = null;
function choose(mark) {
    if (mark === chosen) return;
    chosen?.classList.remove('chosen');
    chosen = mark;
    chosen?.classList.add('chosen');
    status.textContent = chosen ? chosen.querySelector('title').textContent : '';
}
function visibleMarks(plot) {
    return [...plot.querySelectorAll('.mark')].filter(mark => mark.getBoundingClientRect().width > 0);
}
function nearest(plot, x, y) {
    let best = null, least = near;
    for (const mark of visibleMarks(plot)) {
        const box = mark.getBoundingClientRect();
        const far = Math.hypot((box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y);
        if (far < least) [best, least] = [mark, far];
    }
    return best;
}
for (const plot of document.querySelectorAll('.plot')) {
    plot.tabIndex = 0;
    plot.addEventListener('pointermove', event => choose(nearest(plot, event.clientX, event.clientY)));
    plot.addEventListener('pointerdown', event => choose(nearest(plot, event.clientX, event.clientY)));
    plot.addEventListener('pointerleave', event => event.pointerType === 'mouse' && choose(null));
    plot.addEventListener('blur', () => choose(null));
    plot.addEventListener('keydown', event => {
        const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
        if (event.key === 'Escape') choose(null);
        if (!step) return;
        event.preventDefault();
        const marks = visibleMarks(plot);
        const at = marks.indexOf(chosen);
        choose(marks[(at < 0 && step < 0 ? marks.length - 1 : at + step + marks.length) % marks.length]);
    });
}
