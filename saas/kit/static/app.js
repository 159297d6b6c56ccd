// Behaviour of the pages. Everything here is optional: each form and link works without it.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
});

// A summary of errors takes the focus once, when it appears; what else is swapped leaves the focus alone.
const told = new WeakSet();
function focusErrors() {
  const summary = document.querySelector(".errsum");
  if (!summary || told.has(summary)) return;
  told.add(summary);
  summary.focus();
}

// Toasts leave after six seconds; errors stay, and a hand or the focus on one holds it.
const timed = new WeakSet();
function timeToast(toast) {
  if (timed.has(toast)) return;
  timed.add(toast);
  let timer = 0;
  const stay = () => clearTimeout(timer);
  const leave = () => {
    stay();
    if (!toast.matches(":hover, :focus-within")) timer = setTimeout(() => toast.remove(), 6000);
  };
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, () => setTimeout(leave));
  leave();
}
function settle() {
  focusErrors();
  $$(".toast:not(.error)").forEach(timeToast);
}
settle();
document.addEventListener("htmx:after:swap", settle);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-toast]")) event.target.closest(".toast").remove();
});

// Browsers without invoker commands open dialogs here.
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (dialog) button.getAttribute("command") === "close" ? dialog.close() : dialog.showModal();
  });
}

// How many boxes of a list are ticked, told beside the button.
for (const counter of $$("[data-count]")) {
  const boxes = () => $$(`input[type=checkbox][name="${counter.dataset.count}"]`);
  const tell = () => (counter.textContent = boxes().filter((box) => box.checked).length);
  document.addEventListener("change", tell);
  tell();
}

// One box ticks every box of its name on the page, whenever the list was drawn.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.tickAll;
  if (!name) return;
  for (const box of $$(`input[type=checkbox][name="${name}"]`)) box.checked = event.target.checked;
  event.target.form?.dispatchEvent(new Event("change", { bubbles: true }));
});

// A file that is too large is said to be before it travels; the server says so as well.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("input[type=file][data-max-bytes]")) return;
  const large = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
  input.setCustomValidity(large ? input.dataset.tooLarge : "");
  if (large) input.reportValidity();
  if (large) input.value = "";
});

// A second click on a button that is at work does nothing.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of $$("form[data-sent]")) delete form.dataset.sent;
  for (const button of $$("button[aria-busy]")) button.removeAttribute("aria-busy");
});

// A button beside a field copies what is in it.
for (const button of $$("[data-copy]")) {
  if (!navigator.clipboard) break;
  const label = button.querySelector("span");
  const said = label.innerHTML;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    label.textContent = button.dataset.copied;
    setTimeout(() => (label.innerHTML = said), 2000);
  });
}

// The palette: Ctrl K or / opens it, arrows choose, Enter goes there. What it lists comes from the server.
const palette = document.getElementById("palette");
if (palette) {
  const input = palette.querySelector("input");
  const found = document.getElementById("palette-found");
  const choose = (option) => {
    for (const other of $$("[role=option]", found)) other.setAttribute("aria-selected", other === option);
    option ? input.setAttribute("aria-activedescendant", option.id) : input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const options = $$("[role=option]", found);
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    choose(options[(at + step + options.length) % options.length]);
  };
  const open = () => {
    if (palette.open) return;
    document.querySelector(":popover-open")?.hidePopover();
    palette.showModal();
    input.select();
    input.dispatchEvent(new CustomEvent("opened"));
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      palette.open ? palette.close() : open();
    } else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-palette]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || matchMedia("(max-width:40rem)").matches) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = found.querySelector("[aria-selected=true]");
    if (step) event.preventDefault(), move(step);
    if (event.key === "Enter" && chosen) event.preventDefault(), chosen.click();
  });
  document.addEventListener("htmx:after:swap", () => {
    if (palette.open && !found.querySelector("[aria-selected=true]")) choose(found.querySelector("[role=option]"));
  });
}

// The switcher asks for its list when it opens.
document.getElementById("switcher")?.addEventListener("toggle", (event) => {
  if (event.newState !== "open") return;
  event.target.querySelector("input").dispatchEvent(new CustomEvent("opened"));
});

// A signature drawn with a finger; the typed name is the way without this.
customElements.define(
  "sign-pad",
  class extends HTMLElement {
    connectedCallback() {
      const canvas = this.querySelector("canvas");
      const field = this.querySelector("input[type=hidden]");
      const pen = canvas.getContext("2d");
      const at = (event) => {
        const box = canvas.getBoundingClientRect();
        return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
      };
      let down = false;
      canvas.addEventListener("pointerdown", (event) => {
        down = true;
        canvas.setPointerCapture(event.pointerId);
        pen.lineWidth = 3;
        pen.lineCap = "round";
        pen.beginPath();
        pen.moveTo(...at(event));
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!down) return;
        pen.lineTo(...at(event));
        pen.stroke();
      });
      canvas.addEventListener("pointercancel", () => (down = false));
      canvas.addEventListener("pointerup", () => {
        if (!down) return;
        down = false;
        field.value = canvas.toDataURL("image/png");
      });
      this.querySelector("button")?.addEventListener("click", () => {
        pen.clearRect(0, 0, canvas.width, canvas.height);
        field.value = "";
      });
    }
  },
);
