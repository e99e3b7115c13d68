/* 记一次: what script adds to the record screen. Without it the form says the same in words.
   Counts who is there, opens the reasons of the absent, shows a vote before it is saved. */
(function () {
  "use strict";

  function all(root, selector) {
    return Array.prototype.slice.call(root.querySelectorAll(selector));
  }

  function number(field) {
    var text = field ? field.value.trim() : "";
    return /^\d+$/.test(text) ? parseInt(text, 10) : null;
  }

  /* fewest that satisfy a share of count: at least rounds up, more than is one over the floor */
  function needed(top, bottom, more, count) {
    return more ? Math.floor((top * count) / bottom) + 1 : Math.ceil((top * count) / bottom);
  }

  function roll(form) {
    var boxes = all(form, "[data-absent]");
    var absent = boxes.filter(function (box) { return box.checked; });
    var place = form.querySelector("[data-count]");
    if (place && boxes.length) {
      place.textContent = "到会 " + (boxes.length - absent.length) + " 人，缺席 " + absent.length + " 人";
    }
    boxes.forEach(function (box) {
      var why = form.querySelector("[data-why='" + box.value + "']");
      if (why) why.hidden = !box.checked;
    });
    var reasons = form.querySelector("[data-reasons]");
    if (reasons) {
      reasons.hidden = !absent.length;
      reasons.open = absent.length > 0;
    }
    var entitled = boxes.filter(function (box) { return box.hasAttribute("data-entitled"); });
    return {
      entitled: entitled.length,
      present: entitled.filter(function (box) { return !box.checked; }).length
    };
  }

  function votes(form, counted) {
    all(form, "[data-decision]").forEach(function (part) {
      var line = part.querySelector("[data-vote]");
      if (!line) return;
      if (!line.hasAttribute("data-plain")) line.setAttribute("data-plain", line.textContent);
      var yes = number(part.querySelector("[name^='yes_']"));
      var verdict = yes === null ? "" : judged(line.dataset, yes, part, counted);
      part.querySelector("[data-passed]").hidden = verdict !== "passed";
      part.querySelector("[data-failed]").hidden = verdict !== "failed";
      line.textContent = yes === null ? line.getAttribute("data-plain") : said(line.dataset, yes, part, counted, verdict);
    });
  }

  function against(part) {
    return number(part.querySelector("[name^='no_']")) || 0;
  }

  function abstained(part) {
    return number(part.querySelector("[name^='abstain_']")) || 0;
  }

  function presentNeeded(d, yes, part, counted) {
    return needed(+d.at, +d.ab, d.am === "1", bases(yes, part, counted)[d.ao]);
  }

  function yesNeeded(d, yes, part, counted) {
    return needed(+d.mt, +d.mb, d.mm === "1", bases(yes, part, counted)[d.mo]);
  }

  function bases(yes, part, counted) {
    return { entitled: counted.entitled, present: counted.present, cast: yes + against(part) };
  }

  function judged(d, yes, part, counted) {
    if (yes + against(part) + abstained(part) > counted.present) return "many";
    if (counted.present < presentNeeded(d, yes, part, counted)) return "few";
    return yes > 0 && yes >= yesNeeded(d, yes, part, counted) ? "passed" : "failed";
  }

  function said(d, yes, part, counted, verdict) {
    var words = "赞成 " + yes + "，反对 " + against(part) + "，弃权 " + abstained(part) +
      "。有表决权应到 " + counted.entitled + " 人，实到 " + counted.present + " 人。";
    if (verdict === "many") return words + "票比人多，请核对。";
    if (verdict === "few") return words + "到会要 " + presentNeeded(d, yes, part, counted) + " 人，还不能表决。";
    return words + "通过要 " + yesNeeded(d, yes, part, counted) + " 票。";
  }

  function tasks(form) {
    var place = form.querySelector("[data-tasks]");
    if (!place) return;
    var count = all(form, "[data-task] [name^='task_']").filter(function (field) {
      return field.value.trim();
    }).length;
    place.hidden = !count;
    place.querySelector("b").textContent = count;
  }

  function refresh(form) {
    votes(form, roll(form));
    tasks(form);
  }

  function begin(form) {
    all(form, "[data-noscript]").forEach(function (button) { button.hidden = true; });
    refresh(form);
  }

  /* Enter goes on to the next field: nothing is saved, or asked anew, by a slip of the thumb */
  document.addEventListener("keydown", function (event) {
    var field = event.target;
    if (event.key !== "Enter" || event.isComposing || field.tagName !== "INPUT") return;
    if (!field.form || !field.form.hasAttribute("data-record")) return;
    event.preventDefault();
    var fields = all(field.form, "input:not([type=hidden]), select, textarea").filter(function (other) {
      return other.offsetParent !== null && !other.closest("details:not([open])");
    });
    var next = fields[fields.indexOf(field) + 1];
    if (next) next.focus();
  });

  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var form = event.target.closest ? event.target.closest("form[data-record]") : null;
      if (!form && event.target.matches && event.target.matches("form[data-record]")) form = event.target;
      if (form) refresh(form);
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    all(document, "form[data-record]").forEach(begin);
  });
  all(document, "form[data-record]").forEach(begin);
})();
