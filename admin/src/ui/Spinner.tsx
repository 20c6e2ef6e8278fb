export const Spinner = () => (
  <svg className="spinner" width="28" height="28" viewBox="0 0 28 28" fill="none" aria-hidden="true">
    <circle cx="14" cy="14" r="11" stroke="var(--border)" strokeWidth="3" />
    <path d="M14 3a11 11 0 0 1 11 11" stroke="var(--accent)" strokeWidth="3" strokeLinecap="round" />
  </svg>
);
