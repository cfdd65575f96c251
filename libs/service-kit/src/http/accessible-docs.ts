/**
 * What the page of `swagger-ui` lacks for people who see little or use no mouse (WCAG 2.2 AA): contrast, everything within a named
 * landmark, headings in order, no link within a button. It is given to the page as style and script; the package stays as it is.
 */

/** Each pair has a contrast of at least 4.5 to 1. */
export const accessibleStyle = `
.swagger-ui .topbar { display: none }
.swagger-ui .info .title small { background: #4a6602 }
.swagger-ui .info .title small.version-stamp { background: #4a6602 }
.swagger-ui .opblock .opblock-summary-method { color: #fff !important; text-shadow: none }
.swagger-ui .opblock-get .opblock-summary-method { background: #1a5fa8 !important }
.swagger-ui .opblock-post .opblock-summary-method { background: #1d6b47 !important }
.swagger-ui .opblock-put .opblock-summary-method { background: #8a4b08 !important }
.swagger-ui .opblock-patch .opblock-summary-method { background: #14665a !important }
.swagger-ui .opblock-delete .opblock-summary-method { background: #a61c1c !important }
.swagger-ui .parameter__in, .swagger-ui .parameter__deprecated, .swagger-ui .prop-format, .swagger-ui .parameter__type,
.swagger-ui .response-col_links, .swagger-ui .response-control-media-type__accept-message, .swagger-ui .tab li,
.swagger-ui .tab li button.tablinks, .swagger-ui .model, .swagger-ui .prop-type, .swagger-ui .renderedMarkdown,
.swagger-ui .opblock-description-wrapper p, .swagger-ui .response-col_status, .swagger-ui table thead tr th,
.swagger-ui table.headers td, .swagger-ui .parameter__name, .swagger-ui .opblock-summary-description,
.swagger-ui .response-control-media-type__title, .swagger-ui .info .base-url, .swagger-ui .info a, .swagger-ui .btn,
.swagger-ui .model-title, .swagger-ui .json-schema-2020-12__constraint, .swagger-ui .json-schema-2020-12__attribute
  { color: #1f2937 }
.swagger-ui .parameter__name.required::after, .swagger-ui .parameter__name.required span,
.swagger-ui .response-control-media-type--accept-controller .response-control-media-type__accept-message { color: #a61c1c }
.swagger-ui .response-control-media-type--accept-controller select { border-color: #1d6b47 }
.swagger-ui .btn.execute { background: #1a5fa8; border-color: #1a5fa8; color: #fff }
.swagger-ui .btn.cancel { color: #a61c1c; border-color: #a61c1c }
.swagger-ui .microlight, .swagger-ui .highlight-code pre { background: #1f2937 !important; color: #f9fafb !important }
.swagger-ui .highlight-code pre span { color: #f9fafb !important }
`;

/** Runs in the page; the interface draws itself anew now and then, so it is watched. */
export const accessibleScript = `
(() => {
  const mend = () => {
    document.documentElement.lang = 'en';
    for (const about of document.querySelectorAll('.information-container:not([role])')) {
      about.setAttribute('role', 'region');
      about.setAttribute('aria-label', 'About this API');
    }
    for (const heading of document.querySelectorAll('.swagger-ui h3, .swagger-ui h4, .swagger-ui h5'))
      if (!heading.hasAttribute('aria-level'))
        heading.setAttribute('aria-level', heading.tagName === 'H3' ? '2' : heading.tagName === 'H4' ? '3' : '4');
    for (const link of document.querySelectorAll('.opblock-summary-control a[href]')) link.removeAttribute('href');
    for (const inner of document.querySelectorAll('.opblock-summary-control [tabindex]')) inner.removeAttribute('tabindex');
    for (const region of document.querySelectorAll('.responses-table[role=region]')) region.removeAttribute('role');
    for (const select of document.querySelectorAll('.swagger-ui select:not([aria-label])'))
      if (select.labels === null || select.labels.length === 0) select.setAttribute('aria-label', 'choice');
    for (const input of document.querySelectorAll('.swagger-ui input:not([aria-label]), .swagger-ui textarea:not([aria-label])'))
      if (input.labels === null || input.labels.length === 0) input.setAttribute('aria-label', input.placeholder || 'value');
    for (const box of document.querySelectorAll('.swagger-ui pre')) if (!box.hasAttribute('tabindex')) box.tabIndex = 0;
  };
  new MutationObserver(mend).observe(document, { childList: true, subtree: true });
  mend();
})();
`;
