/** A share of something as a bar: what is left, in words beside it. */
export function Meter({ left, label }: { left: number; label: string }) {
  const share = Math.max(0, Math.min(1, left));
  const tone = share > 0.3 ? 'good' : share > 0.1 ? 'warn' : 'bad';
  return (
    <span
      class="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <span class={tone} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
