<?xml version="1.0" encoding="UTF-8"?>
<!-- The step of set-up that gives providers their credentials. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:include href="provider.xsl"/>
<xsl:template match="setup/providers">
<section aria-labelledby="providers-heading" id="setup-providers">
<h2 id="providers-heading">Providers</h2>
<xsl:call-template name="precedence"/>
<xsl:apply-templates select="error" mode="section"/>
<xsl:apply-templates select="provider"/>
</section>
<xsl:apply-templates select="." mode="complete"/>
</xsl:template>

<xsl:template match="provider">
<article class="panel provider" id="setup-provider-{@name}" aria-labelledby="setup-provider-{@name}-title">
<h3 id="setup-provider-{@name}-title"><xsl:value-of select="@title"/><xsl:text> </xsl:text><span id="setup-provider-{@name}-status"><xsl:apply-templates select="." mode="status"/></span></h3>
<dl class="facts">
<div><dt>Transition</dt><dd id="setup-provider-{@name}-transition"><xsl:apply-templates select="." mode="transition"/></dd></div>
<div><dt>Last verified</dt><dd id="setup-provider-{@name}-verified-at"><xsl:apply-templates select="." mode="verified"/></dd></div>
<div><dt>Last checked</dt><dd id="setup-provider-{@name}-checked-at"><xsl:apply-templates select="." mode="checked"/></dd></div>
<div><dt>Error type</dt><dd id="setup-provider-{@name}-error-type"><xsl:apply-templates select="." mode="error-type"/></dd></div>
<div class="wide"><dt>Source</dt><dd id="setup-provider-{@name}-source"><xsl:apply-templates select="source"/></dd></div>
<div class="wide"><dt>What to do</dt><dd id="setup-provider-{@name}-remediation"><xsl:apply-templates select="." mode="remediation"/></dd></div>
</dl>
<xsl:apply-templates select="going-on"/>
<xsl:apply-templates select="refused/error" mode="form"><xsl:with-param name="prefix" select="concat('setup-provider-', @name, '-refused')"/><xsl:with-param name="heading">h4</xsl:with-param></xsl:apply-templates>
<xsl:if test="../@may-write='yes'"><xsl:apply-templates select="." mode="change"/></xsl:if>
</article>
</xsl:template>

<xsl:template match="provider" mode="change">
<form id="setup-provider-{@name}-form" method="post" action="/setup/providers/{@name}">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<input type="hidden" name="setup_provider[expected]" value="{@expected}"/>
<input type="hidden" name="setup_provider[request]" value="{@request}"/>
<p class="field"><label for="setup-provider-{@name}-value">Credential<span class="visually-hidden"> of <xsl:value-of select="@title"/></span></label>
<textarea id="setup-provider-{@name}-value" class="concealed" name="setup_provider[value]" rows="2" autocomplete="off" spellcheck="false" autocapitalize="none" required="required"><xsl:for-each select="refused"><xsl:call-template name="described"><xsl:with-param name="field">value</xsl:with-param><xsl:with-param name="hint" select="concat('setup-provider-', ../@name, '-hint')"/><xsl:with-param name="prefix" select="concat('setup-provider-', ../@name, '-refused')"/></xsl:call-template></xsl:for-each><xsl:if test="not(refused)"><xsl:attribute name="aria-describedby"><xsl:value-of select="concat('setup-provider-', @name, '-hint')"/></xsl:attribute></xsl:if></textarea>
<span class="hint" id="setup-provider-{@name}-hint"><xsl:apply-templates select="@hint[.!='']"/>Stored sealed, then checked at the provider at once. Never shown again.</span></p>
<p class="row-actions"><button type="submit">Store and check</button></p>
</form>
<xsl:apply-templates select="." mode="check"/>
</xsl:template>
<xsl:template match="@hint">Looks like <code><xsl:value-of select="."/></code>. </xsl:template>

<xsl:template match="provider[@change='environment']" mode="change">
<p id="setup-provider-{@name}-environment-wins">The environment’s value wins, so no key is taken here. To change it, change <code><xsl:value-of select="source/@variable"/></code> and restart the workers; to store the credential here, take the variable away first.</p>
<xsl:apply-templates select="." mode="check"/>
</xsl:template>
<xsl:template match="provider[@change='rotate']" mode="change">
<p>This credential works. <a href="/settings/security#settings-security-provider-rotation">Rotate it</a> to replace it: the new one is tried before any run gets it.</p>
<xsl:apply-templates select="." mode="check"/>
</xsl:template>
<xsl:template match="provider[@change='rotating']" mode="change"><xsl:apply-templates select="." mode="check"/></xsl:template>

<xsl:template match="provider" mode="check">
<form id="setup-provider-{@name}-check" class="check-form" method="post" action="/setup/providers/{@name}/check">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<p><button type="submit" class="quiet">Check now<span class="visually-hidden">: <xsl:value-of select="@title"/></span></button></p>
</form>
</xsl:template>

<xsl:template match="providers" mode="complete"/>
<xsl:template match="setup[@state='providers']/providers[@may-write='yes']" mode="complete">
<section aria-labelledby="complete-heading">
<h2 id="complete-heading">Complete set-up</h2>
<xsl:apply-templates select="../refused/error" mode="form"><xsl:with-param name="prefix">setup-complete</xsl:with-param></xsl:apply-templates>
<form id="setup-complete-form" class="panel" method="post" action="/setup/complete">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<p id="setup-complete-needs"><xsl:apply-templates select="@active" mode="complete"/></p>
<p class="row-actions"><button type="submit">Complete set-up</button><a class="button quiet" id="setup-later" href="/settings/security">Later</a></p>
<p class="fine">Later leaves this step open: it is here whenever you come back, and all else works meanwhile.</p>
</form>
</section>
</xsl:template>
<xsl:template match="@active[.='0']" mode="complete">At least one provider must be active. None is yet.</xsl:template>
<xsl:template match="@active[.='1']" mode="complete">At least one provider must be active: one is.</xsl:template>
<xsl:template match="@active" mode="complete">At least one provider must be active: <xsl:value-of select="."/> are.</xsl:template>
</xsl:stylesheet>
