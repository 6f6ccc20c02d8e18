;; What a step's logits say, in three passes over them. They lie in blocks of 64 floats (256 bytes), the last one filled up with -Infinity.
;; Results, from byte 0 on: f64 sum of e^d and f64 sum of d*e^d, where d is a logit less the largest; f32 the largest; i32 how many of the most
;; likely tokens were found; at 64 their ids (i32), at 192 their logits (f32), best first, at most 32.
(module
  (memory (export "memory") 1)

  (func (export "look") (param $logits i32) (param $end i32) (param $maxima i32) (param $wanted i32)
    (local $largest f32)
    (local.set $largest (call $largest (local.get $logits) (local.get $end) (local.get $maxima)))
    (f32.store (i32.const 16) (local.get $largest))
    (call $sums (local.get $logits) (local.get $end) (local.get $largest))
    (i32.store (i32.const 20) (call $best (local.get $logits) (local.get $end) (local.get $maxima) (local.get $wanted))))

  ;; The largest of all, and of each block, which is written down for $best. pmax(a, b) is b where a < b, else a: one instruction, and NaN never wins.
  (func $largest (param $at i32) (param $end i32) (param $maxima i32) (result f32)
    (local $all v128) (local $of v128) (local $stop i32)
    (local.set $all (v128.const f32x4 -inf -inf -inf -inf))
    (loop $block
      (local.set $of (v128.const f32x4 -inf -inf -inf -inf))
      (local.set $stop (i32.add (local.get $at) (i32.const 256)))
      (loop $four
        (local.set $of (f32x4.pmax (local.get $of) (f32x4.pmax
          (f32x4.pmax (v128.load (local.get $at)) (v128.load offset=16 (local.get $at)))
          (f32x4.pmax (v128.load offset=32 (local.get $at)) (v128.load offset=48 (local.get $at))))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br_if $four (i32.lt_u (local.get $at) (local.get $stop))))
      (local.set $of (call $across (local.get $of)))
      (f32.store (local.get $maxima) (f32x4.extract_lane 0 (local.get $of)))
      (local.set $maxima (i32.add (local.get $maxima) (i32.const 4)))
      (local.set $all (f32x4.pmax (local.get $all) (local.get $of)))
      (br_if $block (i32.lt_u (local.get $at) (local.get $end))))
    (f32x4.extract_lane 0 (local.get $all)))

  ;; The largest of the four in every place.
  (func $across (param $of v128) (result v128)
    (local.set $of (f32x4.pmax (local.get $of) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $of) (local.get $of))))
    (f32x4.pmax (local.get $of) (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $of) (local.get $of))))

  ;; e^d = 2^n * 2^f with n the nearest integer to d*log2(e) and f the rest of -1/2 to 1/2. Adding 1.5*2^23 leaves n in the low bits of the float, and
  ;; shifted to the exponent's place it is added to that of the polynomial, whose relative error is below 2.6e-6. Below -80 (e^-80 is 2e-35) nothing is
  ;; left that could count. Each block is summed in 32 bits, the blocks in 64. "Relaxed" multiplies and adds in one instruction where the processor has
  ;; one. The constants are locals because V8 would make them anew in every turn of the loop.
  (func $sums (param $at i32) (param $end i32) (param $largest f32)
    (local $best v128) (local $stop i32) (local $sum v128) (local $weighted v128) (local $blockSum v128) (local $blockWeighted v128)
    (local $d v128) (local $t v128) (local $f v128) (local $e v128)
    (local $lowest v128) (local $log2e v128) (local $magic v128) (local $c0 v128) (local $c1 v128) (local $c2 v128) (local $c3 v128) (local $c4 v128)
    (local.set $lowest (v128.const f32x4 -80 -80 -80 -80))
    (local.set $log2e (v128.const f32x4 1.4426950408889634 1.4426950408889634 1.4426950408889634 1.4426950408889634))
    (local.set $magic (v128.const f32x4 12582912 12582912 12582912 12582912))
    (local.set $c0 (v128.const f32x4 0.9999992614421552 0.9999992614421552 0.9999992614421552 0.9999992614421552))
    (local.set $c1 (v128.const f32x4 0.6931218147436815 0.6931218147436815 0.6931218147436815 0.6931218147436815))
    (local.set $c2 (v128.const f32x4 0.2402474483966982 0.2402474483966982 0.2402474483966982 0.2402474483966982))
    (local.set $c3 (v128.const f32x4 0.05591786028189287 0.05591786028189287 0.05591786028189287 0.05591786028189287))
    (local.set $c4 (v128.const f32x4 0.009570101433155814 0.009570101433155814 0.009570101433155814 0.009570101433155814))
    (local.set $best (f32x4.splat (local.get $largest)))
    (loop $block
      (local.set $blockSum (v128.const f32x4 0 0 0 0))
      (local.set $blockWeighted (v128.const f32x4 0 0 0 0))
      (local.set $stop (i32.add (local.get $at) (i32.const 256)))
      (loop $four
        (local.set $d (f32x4.pmax (local.get $lowest) (f32x4.sub (v128.load (local.get $at)) (local.get $best))))
        (local.set $t (f32x4.relaxed_madd (local.get $d) (local.get $log2e) (local.get $magic)))
        (local.set $f (f32x4.relaxed_madd (local.get $d) (local.get $log2e) (f32x4.sub (local.get $magic) (local.get $t))))
        (local.set $e (f32x4.relaxed_madd (local.get $f) (local.get $c4) (local.get $c3)))
        (local.set $e (f32x4.relaxed_madd (local.get $f) (local.get $e) (local.get $c2)))
        (local.set $e (f32x4.relaxed_madd (local.get $f) (local.get $e) (local.get $c1)))
        (local.set $e (f32x4.relaxed_madd (local.get $f) (local.get $e) (local.get $c0)))
        (local.set $e (i32x4.add (local.get $e) (i32x4.shl (local.get $t) (i32.const 23))))
        (local.set $blockSum (f32x4.add (local.get $blockSum) (local.get $e)))
        (local.set $blockWeighted (f32x4.relaxed_madd (local.get $d) (local.get $e) (local.get $blockWeighted)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $four (i32.lt_u (local.get $at) (local.get $stop))))
      (local.set $sum (f64x2.add (local.get $sum) (call $doubled (local.get $blockSum))))
      (local.set $weighted (f64x2.add (local.get $weighted) (call $doubled (local.get $blockWeighted))))
      (br_if $block (i32.lt_u (local.get $at) (local.get $end))))
    (f64.store (i32.const 0) (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum))))
    (f64.store (i32.const 8) (f64.add (f64x2.extract_lane 0 (local.get $weighted)) (f64x2.extract_lane 1 (local.get $weighted)))))

  ;; Four 32-bit sums as two of 64 bits.
  (func $doubled (param $of v128) (result v128)
    (f64x2.add (f64x2.promote_low_f32x4 (local.get $of))
      (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $of) (local.get $of)))))

  ;; The most likely tokens, the lower id first among equals: only blocks whose largest logit beats the last of the list are looked through.
  (func $best (param $logits i32) (param $end i32) (param $maxima i32) (param $wanted i32) (result i32)
    (local $at i32) (local $stop i32) (local $count i32) (local $place i32) (local $value f32) (local $least f32)
    (local.set $at (local.get $logits))
    (local.set $least (f32.const -inf))
    (if (i32.eqz (local.get $wanted)) (then (return (i32.const 0))))
    (loop $block
      (local.set $stop (i32.add (local.get $at) (i32.const 256)))
      (if (f32.gt (f32.load (local.get $maxima)) (local.get $least))
        (then (loop $one
          (local.set $value (f32.load (local.get $at)))
          (if (f32.gt (local.get $value) (local.get $least))
            (then
              (if (i32.lt_u (local.get $count) (local.get $wanted)) (then (local.set $count (i32.add (local.get $count) (i32.const 1)))))
              (local.set $place (i32.shl (i32.sub (local.get $count) (i32.const 1)) (i32.const 2)))
              (block $found (loop $down
                (br_if $found (i32.eqz (local.get $place)))
                (br_if $found (f32.ge (f32.load offset=188 (local.get $place)) (local.get $value)))
                (f32.store offset=192 (local.get $place) (f32.load offset=188 (local.get $place)))
                (i32.store offset=64 (local.get $place) (i32.load offset=60 (local.get $place)))
                (local.set $place (i32.sub (local.get $place) (i32.const 4)))
                (br $down)))
              (f32.store offset=192 (local.get $place) (local.get $value))
              (i32.store offset=64 (local.get $place) (i32.shr_u (i32.sub (local.get $at) (local.get $logits)) (i32.const 2)))
              (if (i32.eq (local.get $count) (local.get $wanted))
                (then (local.set $least (f32.load offset=188 (i32.shl (local.get $count) (i32.const 2))))))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br_if $one (i32.lt_u (local.get $at) (local.get $stop))))))
      (local.set $at (local.get $stop))
      (local.set $maxima (i32.add (local.get $maxima) (i32.const 4)))
      (br_if $block (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $count)))
